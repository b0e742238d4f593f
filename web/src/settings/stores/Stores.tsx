import { Badge, Tooltip } from '@mantine/core';
import { IconDatabase } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, ask, type Schemas } from '~/api/client';
import { BETA, request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { NameCell } from '../NameCell';
import { OnBadge } from '../OnBadge';
import { StoreDialog } from './StoreDialog';

type Store = Schemas['BigSegmentStoreIntegration'];

/** Databases from which SDKs read the members of big segments. */
export function Stores() {
  const t = useText();
  const query = useQuery({
    queryKey: ['account', 'stores'],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/integration-capabilities/big-segment-store', { params: { header: BETA }, signal }),
      ),
    refetchInterval: 30_000,
  });
  return (
    <ListPage
      title={t('Persistent stores')}
      text={t(
        'Your own databases, from which SDKs read who is in a big segment. They are kept up to date here.',
      )}
      icon={<EmptyIcon of={IconDatabase} />}
      empty={{
        title: t('No persistent stores yet'),
        text: t('Add the Redis or DynamoDB that your SDKs are configured with.'),
      }}
      query={query}
      id={(one) => one._id}
      name={(one) => one.name}
      words={(one) => `${one.projectKey} ${one.environmentKey}`}
      create={{
        label: t('Add store'),
        needs: ['createIntegration', 'integration/redis'],
        dialog: (close) => <StoreDialog close={close} />,
      }}
      edit={{
        needs: (one) => ['updateConfiguration', `integration/${one.integrationKey}`],
        dialog: (one, close) => <StoreDialog store={one} close={close} />,
      }}
      actions={[
        {
          label: t('Delete…'),
          danger: true,
          needs: (one) => ['deleteIntegration', `integration/${one.integrationKey}`],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the store {name}?', { name: one.name })}
              text={t('What was written to it stays there, but is not kept up to date any more.')}
              itsKey={one.name}
              call={request(
                'delete',
                '/api/v2/integration-capabilities/big-segment-store/{projectKey}/{environmentKey}/{integrationKey}/{integrationId}',
                {
                  path: {
                    projectKey: one.projectKey,
                    environmentKey: one.environmentKey,
                    integrationKey: one.integrationKey,
                    integrationId: one._id,
                  },
                  beta: true,
                },
              )}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        {
          head: t('Store'),
          cell: (one) => <NameCell name={one.name} itsKey={String(one.config.host ?? one.integrationKey)} />,
        },
        { head: t('Environment'), cell: (one) => `${one.projectKey} · ${one.environmentKey}` },
        { head: t('State'), cell: (one) => <OnBadge on={one.on} /> },
        { head: t('Health'), cell: (one) => <Health store={one} /> },
        { head: t('Written'), cell: (one) => <Ago at={one._status.lastSync} />, minor: true },
      ]}
    />
  );
}

function Health({ store }: { store: Store }) {
  const t = useText();
  const { available, potentiallyStale, errors } = store._status;
  if (!store.on) return <>–</>;
  const [color, words] = !available
    ? ['signal', t('not reachable')]
    : potentiallyStale
      ? ['gray', t('behind')]
      : ['sea', t('up to date')];
  const problem = errors.at(-1)?.message;
  const badge = (
    <Badge color={color} tabIndex={problem ? 0 : undefined}>
      {words}
    </Badge>
  );
  return problem ? (
    <Tooltip label={problem} multiline maw={340}>
      {badge}
    </Tooltip>
  ) : (
    badge
  );
}
