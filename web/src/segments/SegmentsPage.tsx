import { Group } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ActButton } from '~/access/ActButton';
import { onSegment } from '~/access/places';
import { segmentsQuery } from '~/api/segments';
import { termOf, withTerm } from '~/api/terms';
import { useText } from '~/i18n/text';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { SearchField } from '~/ui/SearchField';
import { CreateSegment } from './CreateSegment';
import { SegmentsTable } from './SegmentsTable';

const route = getRouteApi('/projects/$project/$env/segments');

export function SegmentsPage() {
  const t = useText();
  const { project, env } = route.useParams();
  const { filter, create } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(segmentsQuery(project, env, filter));
  const find = useDebouncedCallback(
    (text: string) =>
      void navigate({
        search: (now) => ({ ...now, filter: withTerm(now.filter, 'query', text.trim()) }),
        replace: true,
      }),
    180,
  );
  const open = (create: 1 | undefined) =>
    void navigate({ search: (now) => ({ ...now, create }), replace: true });
  const total = query.data?.totalCount ?? 0;
  return (
    <Page
      title={t('Segments')}
      text={t('Groups of contexts that rules of flags can name, in this environment.')}
      actions={
        <ActButton
          needs={onSegment('createSegment', project, env)}
          leftSection={<IconPlus size={16} />}
          onClick={() => open(1)}
        >
          {t('Create segment')}
        </ActButton>
      }
    >
      <Group mb="md" role="search">
        <SearchField
          label={t('Search by name or key')}
          defaultValue={termOf(filter, 'query')}
          onChange={(event) => find(event.currentTarget.value)}
        />
      </Group>
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <LoadingPage />}
      {query.data && total === 0 && (
        <EmptyState
          icon={<IconUsersGroup size={40} stroke={1.4} color="var(--muted)" aria-hidden />}
          title={filter ? t('No segment matches') : t('No segments yet')}
          text={t(
            'A segment saves you from writing the same conditions in many flags: beta testers, a region, one customer.',
          )}
        />
      )}
      {total > 0 && (
        <Panel flush>
          <SegmentsTable key={filter} place={{ project, env }} filter={filter} total={total} />
        </Panel>
      )}
      {create && <CreateSegment project={project} env={env} close={() => open(undefined)} />}
    </Page>
  );
}
