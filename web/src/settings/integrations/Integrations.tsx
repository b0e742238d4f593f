import { Badge } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { TagList } from '~/ui/TagList';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { NameCell } from '../NameCell';
import { OnBadge } from '../OnBadge';
import { manifestsQuery, subscriptionsQuery } from './api';
import { SubscriptionDialog } from './SubscriptionDialog';

/** Systems that are told of changes in a form of their own. */
export function Integrations() {
  const t = useText();
  const manifests = useQuery(manifestsQuery).data?.items;
  const query = useQuery(subscriptionsQuery(manifests));
  const nameOf = (key: string) => manifests?.find((one) => one.key === key)?.name ?? key;
  return (
    <ListPage
      title={t('Integrations')}
      text={t('Slack, Microsoft Teams, Datadog and others are told of changes as they happen.')}
      icon={<EmptyIcon of={IconPlugConnected} />}
      empty={{
        title: t('No integrations yet'),
        text: t('Tell a channel of your team what changes in production.'),
      }}
      query={query}
      id={(one) => one._id}
      name={(one) => one.name}
      words={(one) => `${nameOf(one.kind)} ${one.tags.join(' ')}`}
      create={{
        label: t('Add integration'),
        needs: ['createIntegration', 'integration/*'],
        dialog: (close) => <SubscriptionDialog manifests={manifests ?? []} close={close} />,
      }}
      edit={{
        needs: (one) => ['updateConfiguration', `integration/${one.kind}`],
        dialog: (one, close) => (
          <SubscriptionDialog manifests={manifests ?? []} subscription={one} close={close} />
        ),
      }}
      actions={[
        {
          label: t('Delete…'),
          danger: true,
          needs: (one) => ['deleteIntegration', `integration/${one.kind}`],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the integration {name}?', { name: one.name })}
              text={t('Nothing is sent any more. The log of its deliveries goes with it.')}
              itsKey={one.name}
              call={request('delete', '/api/v2/integrations/{integrationKey}/{id}', {
                path: { integrationKey: one.kind, id: one._id },
              })}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        {
          head: t('Integration'),
          cell: (one) => (
            <NameCell
              name={
                <Link
                  to="/settings/integrations/$kind/$id"
                  params={{ kind: one.kind, id: one._id }}
                  className="entity"
                >
                  {one.name}
                </Link>
              }
            />
          ),
        },
        { head: t('Kind'), cell: (one) => nameOf(one.kind) },
        { head: t('State'), cell: (one) => <OnBadge on={one.on} /> },
        {
          head: t('Last delivery'),
          cell: ({ _status: status }) =>
            status?.lastError && status.lastError > (status.lastSuccess ?? 0) ? (
              <Badge color="signal">{t('failed')}</Badge>
            ) : (
              <Ago at={status?.lastSuccess} />
            ),
          minor: true,
        },
        { head: t('Tags'), cell: (one) => <TagList tags={one.tags} />, minor: true },
      ]}
    />
  );
}
