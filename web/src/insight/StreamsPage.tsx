import { Button, Group, Switch, Text } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FilterChip } from '~/flags/FilterChip';
import { useText } from '~/i18n/text';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { streamsQuery, STREAMS_PAGE, type StreamsFilter } from './api';
import { Spread } from './Spread';
import { StreamsTable } from './StreamsTable';

const route = getRouteApi('/projects/$project/$env/instances');

/** Which SDKs are connected, which version of the environment each holds, and how the last changes reached them. */
export function StreamsPage() {
  const t = useText();
  const { project, env } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(streamsQuery(project, env, search));
  const set = (change: StreamsFilter) =>
    void navigate({ search: (old) => ({ ...old, page: undefined, ...change }), replace: true });
  const page = search.page ?? 0;
  const total = query.data?.totalCount ?? 0;
  const filtered = Boolean(search.kind ?? search.behind);
  const kinds = [
    { value: 'server', label: t('Server-side') },
    { value: 'mobile', label: t('Mobile') },
    { value: 'client', label: t('Client-side') },
  ];
  return (
    <Page
      title={t('SDK instances')}
      beside={
        query.data && (
          <Text c="dimmed" size="sm" aria-live="polite">
            {t('{count, plural, one {# connected} other {# connected}}', { count: total })}
          </Text>
        )
      }
      text={t(
        'SDKs that hold a stream open to this server, and the version of the environment each was sent.',
      )}
    >
      <Spread project={project} env={env} version={query.data?.version} behind={query.data?.behind} />
      <Group gap="xs" mb="md" role="search">
        <FilterChip
          label={t('Kind')}
          options={kinds}
          value={search.kind}
          choose={(kind) => set({ kind: kind as StreamsFilter['kind'] })}
        />
        <Switch
          label={t('Only those that are behind')}
          checked={search.behind ?? false}
          onChange={(event) => set({ behind: event.currentTarget.checked || undefined })}
        />
      </Group>
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <LoadingPage />}
      {query.data && query.data.items.length === 0 && (
        <EmptyState
          icon={<IconPlugConnected size={40} stroke={1.4} color="var(--muted)" aria-hidden />}
          title={filtered ? t('No instance matches') : t('No SDK is connected')}
          text={filtered ? undefined : t('An instance appears here as soon as it opens its stream.')}
          action={
            !filtered && (
              <Button component={Link} to={`/projects/${project}/${env}/start`} variant="default">
                {t('Connect an SDK')}
              </Button>
            )
          }
        />
      )}
      {query.data && query.data.items.length > 0 && (
        <Panel flush>
          <StreamsTable streams={query.data.items} version={query.data.version} />
        </Panel>
      )}
      {total > STREAMS_PAGE && (
        <Group justify="space-between">
          <Button
            variant="default"
            disabled={page === 0}
            onClick={() => set({ page: page - 1 || undefined })}
          >
            {t('Before')}
          </Button>
          <Text size="sm" c="dimmed">
            {t('{from, number} to {to, number} of {total, number}', {
              from: page * STREAMS_PAGE + 1,
              to: Math.min(total, (page + 1) * STREAMS_PAGE),
              total,
            })}
          </Text>
          <Button
            variant="default"
            disabled={(page + 1) * STREAMS_PAGE >= total}
            onClick={() => set({ page: page + 1 })}
          >
            {t('Next')}
          </Button>
        </Group>
      )}
    </Page>
  );
}
