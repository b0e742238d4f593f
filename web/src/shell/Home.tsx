import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { projectsQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { usePlace } from './place';

export function Home() {
  const t = useText();
  const projects = useQuery(projectsQuery);
  const place = usePlace();
  if (place) return <Navigate to="/projects/$project/$env/flags" params={place} replace />;
  if (projects.isError)
    return <ErrorState page error={projects.error} retry={() => void projects.refetch()} />;
  if (projects.isPending) return <LoadingPage />;
  return (
    <EmptyState
      page
      title={t('There is no project you may see')}
      text={t('Ask an admin for a role that may view a project, or create one in the settings.')}
    />
  );
}
