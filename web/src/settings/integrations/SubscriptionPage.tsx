import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import type { Needs } from '~/access/questions';
import { api, ask } from '~/api/client';
import { request } from '~/api/request';
import { useAct } from '~/api/useAct';
import { useText } from '~/i18n/text';
import { notifyDone } from '~/ui/notify';
import { Page } from '~/ui/Page';
import { Deliveries } from '../Deliveries';
import { Listed } from '../Listed';
import { OnBadge } from '../OnBadge';
import { manifestsQuery } from './api';
import { SubscriptionDialog } from './SubscriptionDialog';

const route = getRouteApi('/settings/integrations/$kind/$id');

/** An integration and what was delivered by it. */
export function SubscriptionPage() {
  const t = useText();
  const { kind, id } = route.useParams();
  const path = { integrationKey: kind, id };
  const [editing, setEditing] = useState(false);
  const manifests = useQuery(manifestsQuery).data?.items ?? [];
  const subscription = useQuery({
    queryKey: ['account', 'integration', kind, id],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v2/integrations/{integrationKey}/{id}', { params: { path }, signal })),
  });
  const deliveries = useQuery({
    queryKey: ['account', 'deliveries', kind, id],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v2/integrations/{integrationKey}/{id}/deliveries', { params: { path }, signal })),
    refetchInterval: 5_000,
  });
  const trial = useAct(() => notifyDone(t('A test is on its way')));
  const may = (action: string): Needs => [action, `integration/${kind}`];
  return (
    <Listed query={subscription}>
      {(one) => (
        <Page
          over={
            <Link to="/settings/$section" params={{ section: 'integrations' }}>
              {t('Integrations')}
            </Link>
          }
          title={one.name}
          beside={<OnBadge on={one.on} />}
          text={manifests.find(({ key }) => key === kind)?.name ?? kind}
          actions={
            <>
              <ActButton
                needs={may('updateConfiguration')}
                variant="default"
                onClick={() => setEditing(true)}
              >
                {t('Edit')}
              </ActButton>
              <ActButton
                needs={may('updateOn')}
                loading={trial.isPending}
                onClick={() =>
                  trial.mutate(
                    request('post', '/api/v2/integrations/{integrationKey}/{id}/deliveries', { path }),
                  )
                }
              >
                {t('Send a test')}
              </ActButton>
            </>
          }
        >
          <Deliveries
            query={deliveries}
            needs={may('updateOn')}
            replay={({ _id }) =>
              request('post', '/api/v2/integrations/{integrationKey}/{id}/deliveries/{deliveryId}/replay', {
                path: { ...path, deliveryId: _id },
              })
            }
          />
          {editing && (
            <SubscriptionDialog manifests={manifests} subscription={one} close={() => setEditing(false)} />
          )}
        </Page>
      )}
    </Listed>
  );
}
