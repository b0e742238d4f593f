import { Badge, Button, Group, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask } from '~/api/client';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { DataTable } from '~/ui/DataTable';
import { ErrorState } from '~/ui/ErrorState';
import { Panel } from '~/ui/Panel';

const KEY = ['own-sessions'];

/** Where the member is signed in. */
export function Sessions() {
  const t = useText();
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: KEY, queryFn: () => ask(api.GET('/internal/sessions')) });
  const refresh = () => queries.invalidateQueries({ queryKey: KEY });
  const end = useMutation({
    mutationFn: (id: string) => ask(api.DELETE('/internal/sessions/{id}', { params: { path: { id } } })),
    onSuccess: refresh,
  });
  const others = useMutation({ mutationFn: () => ask(api.DELETE('/internal/sessions')), onSuccess: refresh });
  const items = sessions.data?.items ?? [];
  return (
    <Panel
      flush
      title={t('Sessions')}
      text={t('Browsers that are signed in as you.')}
      actions={
        <Button
          variant="default"
          disabled={items.length < 2}
          loading={others.isPending}
          onClick={() => others.mutate()}
        >
          {t('End all others')}
        </Button>
      }
    >
      {sessions.isError && <ErrorState error={sessions.error} />}
      <DataTable
        caption={t('Sessions')}
        rows={items}
        id={(one) => one._id}
        columns={[
          {
            head: t('Browser'),
            cell: (one) => (
              <Group gap="xs" wrap="nowrap">
                <Text size="sm" lineClamp={1} maw={380}>
                  {browser(one.userAgent)}
                </Text>
                {one.current && <Badge size="sm">{t('this one')}</Badge>}
              </Group>
            ),
          },
          { head: t('Address'), cell: (one) => one.address, minor: true },
          { head: t('Signed in'), cell: (one) => <Ago at={one.created} />, minor: true },
          { head: t('Last used'), cell: (one) => <Ago at={one.lastSeen} /> },
          {
            head: t('Actions'),
            end: true,
            cell: (one) =>
              !one.current && (
                <Button size="compact-sm" variant="subtle" onClick={() => end.mutate(one._id)}>
                  {t('End')}
                </Button>
              ),
          },
        ]}
      />
    </Panel>
  );
}

/** The part of what a browser calls itself that people recognise. */
function browser(agent: string): string {
  const name = /(Firefox|Edg|Chrome|Safari)\/[\d.]+/.exec(agent)?.[0]?.replace('Edg/', 'Edge/');
  const system = /\(([^;)]+)/.exec(agent)?.[1];
  return [name, system].filter(Boolean).join(', ') || agent;
}
