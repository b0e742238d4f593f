import { Button, Group, Select, Table, Text } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFlask2, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FormattedNumber } from 'react-intl';
import { word } from '~/flags/filter';
import { useText } from '~/i18n/text';
import { useKinds } from '~/targeting/useKinds';
import { Ago } from '~/ui/Ago';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { SearchField } from '~/ui/SearchField';
import { contextsQuery } from './api';

const route = getRouteApi('/projects/$project/$env/contexts');

export function ContextsPage() {
  const t = useText();
  const { project, env } = route.useParams();
  const { filter } = route.useSearch();
  const navigate = route.useNavigate();
  const kinds = useKinds(project);
  const query = useQuery(contextsQuery(project, env, filter));
  const kind = /kind equals "([^"]*)"/.exec(filter ?? '')?.[1];
  const q = /q equals "([^"]*)"/.exec(filter ?? '')?.[1];
  const set = (next: { kind?: string; q?: string }) => {
    const terms = [next.kind && `kind equals "${next.kind}"`, next.q && `q equals "${next.q}"`].filter(
      Boolean,
    );
    void navigate({ search: { filter: terms.length > 0 ? terms.join(',') : undefined }, replace: true });
  };
  const find = useDebouncedCallback(
    (text: string) => set({ kind, q: word(text).replaceAll('"', '') || undefined }),
    200,
  );
  const total = query.data?.totalCount;
  return (
    <Page
      title={t('Contexts')}
      text={t('Users, devices and organisations that SDKs evaluated flags for in this environment.')}
      beside={
        total != null && (
          <Text c="dimmed" size="sm">
            <FormattedNumber value={total} />
          </Text>
        )
      }
      actions={
        <Button
          component={Link}
          to={`/projects/${project}/${env}/playground`}
          variant="default"
          leftSection={<IconFlask2 size={16} />}
        >
          {t('Playground')}
        </Button>
      }
    >
      <Group gap="xs" mb="md" role="search">
        <SearchField
          label={t('Search by key or name')}
          defaultValue={q}
          onChange={(event) => find(event.currentTarget.value)}
        />
        <Select
          w={180}
          clearable
          placeholder={t('Every kind')}
          aria-label={t('Kind of context')}
          data={kinds}
          value={kind ?? null}
          onChange={(next) => set({ kind: next ?? undefined, q })}
        />
      </Group>
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <LoadingPage />}
      {query.data?.items.length === 0 && (
        <EmptyState
          icon={<IconUsers size={40} stroke={1.4} color="var(--muted)" aria-hidden />}
          title={filter ? t('No context matches') : t('No SDK has told of anybody yet')}
          text={t('Contexts come here by themselves when an SDK evaluates flags for them and sends events.')}
        />
      )}
      {query.data && query.data.items.length > 0 && (
        <Panel flush>
          <Table verticalSpacing="sm" horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('Name')}</Table.Th>
                <Table.Th>{t('Kind')}</Table.Th>
                <Table.Th visibleFrom="sm">{t('Attributes')}</Table.Th>
                <Table.Th>{t('Last seen')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {query.data.items.map((item) => {
                const { kind = 'user', key = '', name, ...rest } = item.context as Record<string, unknown>;
                return (
                  <Table.Tr key={`${kind}/${key}`}>
                    <Table.Td>
                      <Link
                        to="/projects/$project/$env/contexts/$kind/$key"
                        params={{ project, env, kind: String(kind), key: String(key) }}
                        className="entity"
                      >
                        {String(name ?? key)}
                      </Link>
                      {name !== undefined && (
                        <Text size="xs" c="dimmed" className="mono">
                          {String(key)}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>{String(kind)}</Table.Td>
                    <Table.Td visibleFrom="sm">
                      <Text size="xs" c="dimmed" className="mono" lineClamp={1}>
                        {summary(rest)}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <Text size="sm" c="dimmed">
                        <Ago at={Date.parse(item.lastSeen)} />
                      </Text>
                    </Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </Panel>
      )}
    </Page>
  );
}

function summary(attributes: Record<string, unknown>): string {
  return Object.entries(attributes)
    .filter(([name]) => name !== '_meta')
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ');
}
