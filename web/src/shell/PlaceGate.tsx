import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { environmentsOf, projectsQuery } from '~/api/account';
import { NoSuchEnvironment, NoSuchProject } from './NoSuchPlace';

/** The pages of a project; of one that is not there, or may not be seen, that is said at once. */
export function PlaceGate() {
  const { project = '', env = '' } = useParams({ strict: false });
  const { data, isFetching } = useQuery(projectsQuery);
  const found = data?.items.find(({ key }) => key === project);
  // What was just made is in the list when that has come again.
  if (!data || isFetching) return <Outlet />;
  if (!found) return <NoSuchProject project={project} projects={data.items} />;
  const known = environmentsOf(found).some(({ key }) => key === env);
  return known ? <Outlet /> : <NoSuchEnvironment project={found} env={env} />;
}
