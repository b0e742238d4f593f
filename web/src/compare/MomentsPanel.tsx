import { Badge, Group, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, ask } from '~/api/client';
import { DiffList } from '~/changes/JsonDiff';
import { useText } from '~/i18n/text';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Panel } from '~/ui/Panel';

interface Props {
  project: string;
  env: string;
  from: string | undefined;
  change: (from: string) => void;
}

const HOUR = 3_600_000;

/** What changed in the environment since a time. */
export function MomentsPanel({ project, env, from, change }: Props) {
  const t = useText();
  const ago = from ?? '24';
  const query = useQuery({
    queryKey: ['project', project, 'diff', env, ago],
    queryFn: () =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/diff', {
          params: {
            path: { projectKey: project, environmentKey: env },
            query: { from: String(Date.now() - Number(ago) * HOUR), to: String(Date.now() - 1) } as never,
          },
        }),
      ),
    retry: false,
  });
  const kinds: Record<string, string> = { added: t('added'), removed: t('removed'), changed: t('changed') };
  return (
    <Stack>
      <Group gap="sm">
        <Text size="sm">{t('Since')}</Text>
        <Select
          w={200}
          aria-label={t('Since')}
          value={ago}
          onChange={(next) => next && change(next)}
          data={[
            { value: '1', label: t('an hour ago') },
            { value: '24', label: t('yesterday at this time') },
            { value: '168', label: t('a week ago') },
            { value: '720', label: t('30 days ago') },
          ]}
        />
      </Group>
      {query.isError && <ErrorState error={query.error} />}
      {query.isPending && <LoadingPage />}
      {query.data?.items.length === 0 && <EmptyState title={t('Nothing is different')} />}
      {query.data?.items.map((item) => (
        <Panel
          key={`${item.kind}/${item.key}`}
          title={
            <Group gap="xs">
              {item.key} <Badge color="gray">{`${item.kind} · ${kinds[item.change] ?? item.change}`}</Badge>
            </Group>
          }
        >
          {item.change === 'changed' ? <DiffList list={item.differences} /> : null}
        </Panel>
      ))}
    </Stack>
  );
}
