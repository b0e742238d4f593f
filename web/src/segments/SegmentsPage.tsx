import { Badge, Group, Text } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ActButton } from '~/access/ActButton';
import { onSegment } from '~/access/places';
import { segmentsQuery } from '~/api/segments';
import { termOf, withTerm } from '~/api/terms';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { DataTable } from '~/ui/DataTable';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { TagList } from '~/ui/TagList';
import { SearchField } from '~/ui/SearchField';
import { CreateSegment } from './CreateSegment';

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
  const items = query.data?.items ?? [];
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
      {query.data && items.length === 0 && (
        <EmptyState
          icon={<IconUsersGroup size={40} stroke={1.4} color="var(--muted)" aria-hidden />}
          title={filter ? t('No segment matches') : t('No segments yet')}
          text={t(
            'A segment saves you from writing the same conditions in many flags: beta testers, a region, one customer.',
          )}
        />
      )}
      {items.length > 0 && (
        <Panel flush>
          <DataTable
            caption={t('Segments')}
            rows={items}
            id={(one) => one.key}
            columns={[
              {
                head: t('Segment'),
                cell: (one) => (
                  <>
                    <Group gap={6}>
                      <Link
                        to="/projects/$project/$env/segments/$segment"
                        params={{ project, env, segment: one.key }}
                        className="entity"
                      >
                        {one.name || one.key}
                      </Link>
                      {one.unbounded && <Badge size="xs">{t('big')}</Badge>}
                    </Group>
                    <Text size="xs" c="dimmed" className="mono">
                      {one.key}
                    </Text>
                  </>
                ),
              },
              { head: t('Who is in it'), cell: (one) => <Contents segment={one} />, minor: true },
              { head: t('Tags'), cell: (one) => <TagList tags={one.tags} />, minor: true },
              { head: t('Changed'), cell: (one) => <Ago at={one.lastModifiedDate} />, width: 130 },
            ]}
          />
        </Panel>
      )}
      {create && <CreateSegment project={project} env={env} close={() => open(undefined)} />}
    </Page>
  );
}

function Contents({
  segment,
}: {
  segment: {
    included?: string[];
    includedContexts?: { values: string[] }[];
    rules: unknown[];
    unbounded: boolean;
    _unboundedMetadata?: { includedCount: number };
  };
}) {
  const t = useText();
  const keys =
    (segment._unboundedMetadata?.includedCount ?? 0) +
    (segment.included?.length ?? 0) +
    (segment.includedContexts ?? []).reduce((sum, one) => sum + one.values.length, 0);
  const parts = [
    keys > 0 && t('{count, plural, one {# key} other {# keys}}', { count: keys }),
    segment.rules.length > 0 &&
      t('{count, plural, one {# rule} other {# rules}}', { count: segment.rules.length }),
  ].filter(Boolean);
  return (
    <Text size="sm" c="dimmed">
      {parts.join(' · ') || (segment.unbounded ? t('a list of its own') : t('nobody yet'))}
    </Text>
  );
}
