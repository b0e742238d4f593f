import { Badge, Button, Group, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { api, ask } from '~/api/client';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { Copy } from '~/ui/Copy';
import { DataTable } from '~/ui/DataTable';
import { EmptyState } from '~/ui/EmptyState';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { Listed } from './Listed';
import { useSend } from './useSend';

const route = getRouteApi('/settings/webhooks/$id');

/** A webhook and what was delivered by it. */
export function WebhookPage() {
  const t = useText();
  const { id } = route.useParams();
  const queries = useQueryClient();
  const path = `/api/v2/webhooks/${id}`;
  const webhook = useQuery({
    queryKey: ['account', 'webhook', id],
    queryFn: () => ask(api.GET('/api/v2/webhooks/{id}', { params: { path: { id } } })),
  });
  const key = ['account', 'deliveries', id];
  const deliveries = useQuery({
    queryKey: key,
    queryFn: () => ask(api.GET('/api/v2/webhooks/{id}/deliveries', { params: { path: { id } } })),
    refetchInterval: 5_000,
  });
  const refresh = () => void queries.invalidateQueries({ queryKey: key });
  const post = useSend('POST', refresh);
  const patch = useSend('PATCH');
  const words: Record<string, string> = {
    delivered: t('delivered'),
    failed: t('failed'),
    pending: t('waiting'),
  };
  return (
    <Listed query={webhook}>
      {(one) => (
        <Page
          over={
            <Link to="/settings/$section" params={{ section: 'webhooks' }}>
              {t('Webhooks')}
            </Link>
          }
          title={one.name || one.url}
          beside={<Badge color={one.on ? 'sea' : 'gray'}>{one.on ? t('on') : t('off')}</Badge>}
          text={<code>{one.url}</code>}
          actions={
            <>
              <Button
                variant="default"
                onClick={() => patch.mutate({ path, body: [{ op: 'replace', path: '/on', value: !one.on }] })}
              >
                {one.on ? t('Switch off') : t('Switch on')}
              </Button>
              <Button onClick={() => post.mutate({ path: `${path}/deliveries` })} loading={post.isPending}>
                {t('Send a test')}
              </Button>
            </>
          }
        >
          {one.secret && (
            <Panel
              title={t('Signature')}
              text={t('What is sent carries an HMAC-SHA256 with this secret in X-LD-Signature.')}
            >
              <Group gap="xs">
                <code>{one.secret}</code>
                <Copy value={one.secret} what={t('the secret')} />
              </Group>
            </Panel>
          )}
          <Panel flush title={t('Deliveries')} text={t('Newest first. What failed can be sent again.')}>
            <Listed query={deliveries}>
              {({ items }) =>
                items.length === 0 ? (
                  <EmptyState title={t('Nothing was sent yet')} />
                ) : (
                  <DataTable
                    caption={t('Deliveries')}
                    rows={items}
                    id={(item) => item._id}
                    columns={[
                      {
                        head: t('Status'),
                        cell: (item) => (
                          <Badge
                            color={
                              item.status === 'delivered'
                                ? 'sea'
                                : item.status === 'failed'
                                  ? 'signal'
                                  : 'gray'
                            }
                          >
                            {words[item.status] ?? item.status}
                          </Badge>
                        ),
                      },
                      { head: t('When'), cell: (item) => <Ago at={item.creationDate} /> },
                      { head: t('Change'), cell: (item) => <code>#{item.sequence}</code>, minor: true },
                      {
                        head: t('Last answer'),
                        cell: (item) => {
                          const last = item.attempts.at(-1);
                          return (
                            <Text size="sm" c="dimmed" lineClamp={1}>
                              {last ? (last.responseStatus ?? last.error) : '–'}
                            </Text>
                          );
                        },
                      },
                      {
                        head: t('Actions'),
                        end: true,
                        cell: (item) => (
                          <Button
                            size="compact-sm"
                            variant="subtle"
                            onClick={() => post.mutate({ path: `${path}/deliveries/${item._id}/replay` })}
                          >
                            {t('Send again')}
                          </Button>
                        ),
                      },
                    ]}
                  />
                )
              }
            </Listed>
          </Panel>
        </Page>
      )}
    </Listed>
  );
}
