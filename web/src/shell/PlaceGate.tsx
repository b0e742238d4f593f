import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { projectsQuery } from '~/api/account';
import { NotFound } from '~/ui/NotFound';

/** The pages of a project; of one that is not there, or may not be seen, that is said at once. */
export function PlaceGate() {
  const { project } = useParams({ strict: false });
  const { data, isFetching } = useQuery(projectsQuery);
  // One that was just made is in the list when that has come again.
  const gone = data !== undefined && !isFetching && !data.items.some(({ key }) => key === project);
  return gone ? <NotFound /> : <Outlet />;
}
