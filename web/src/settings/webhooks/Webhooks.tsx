import { IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, ask } from '~/api/client';
import { request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { TagList } from '~/ui/TagList';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { NameCell } from '../NameCell';
import { OnBadge } from '../OnBadge';
import { WebhookDialog } from './WebhookDialog';

export function Webhooks() {
  const t = useText();
  const query = useQuery({
    queryKey: ['account', 'webhooks'],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/webhooks', { signal })),
  });
  return (
    <ListPage
      title={t('Webhooks')}
      text={t('Other systems are told of changes as they happen.')}
      icon={<EmptyIcon of={IconWebhook} />}
      empty={{ title: t('No webhooks yet') }}
      query={query}
      id={(one) => one._id}
      name={(one) => one.name || one.url}
      words={(one) => `${one.url} ${one.tags.join(' ')}`}
      create={{
        label: t('Create webhook'),
        needs: ['createWebhook', 'webhook/*'],
        dialog: (close) => <WebhookDialog close={close} />,
      }}
      edit={{
        needs: (one) => ['updateUrl', `webhook/${one._id}`],
        dialog: (one, close) => <WebhookDialog webhook={one} close={close} />,
      }}
      actions={[
        {
          label: t('Delete…'),
          danger: true,
          needs: (one) => ['deleteWebhook', `webhook/${one._id}`],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the webhook {webhook}?', { webhook: one.name || one.url })}
              text={t('Nothing is sent any more. The log of its deliveries goes with it.')}
              itsKey={one.name || one.url}
              call={request('delete', '/api/v2/webhooks/{id}', { path: { id: one._id } })}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        {
          head: t('Webhook'),
          cell: (one) => (
            <NameCell
              name={
                <Link to="/settings/webhooks/$id" params={{ id: one._id }} className="entity">
                  {one.name || one.url}
                </Link>
              }
              itsKey={one.url}
            />
          ),
        },
        { head: t('State'), cell: (one) => <OnBadge on={one.on} /> },
        { head: t('Signed'), cell: (one) => (one.secret ? t('yes') : t('no')), minor: true },
        { head: t('Tags'), cell: (one) => <TagList tags={one.tags} />, minor: true },
      ]}
    />
  );
}
