import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import type { Needs } from '~/access/questions';
import { api, ask } from '~/api/client';
import { request } from '~/api/request';
import { useAct } from '~/api/useAct';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { useText } from '~/i18n/text';
import { notifyDone } from '~/ui/notify';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { Secret } from '~/ui/Secret';
import { Deliveries } from '../Deliveries';
import { Listed } from '../Listed';
import { OnBadge } from '../OnBadge';
import { WebhookDialog } from './WebhookDialog';

const route = getRouteApi('/settings/webhooks/$id');

/** A webhook and what was delivered by it. */
export function WebhookPage() {
  const t = useText();
  const { id } = route.useParams();
  const path = { id };
  const [open, setOpen] = useState<'edit' | 'switch'>();
  const webhook = useQuery({
    queryKey: ['account', 'webhook', id],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/webhooks/{id}', { params: { path }, signal })),
  });
  const deliveries = useQuery({
    queryKey: ['account', 'deliveries', id],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/webhooks/{id}/deliveries', { params: { path }, signal })),
    refetchInterval: 5_000,
  });
  const trial = useAct(() => notifyDone(t('A test is on its way')));
  const close = () => setOpen(undefined);
  const may = (action: string): Needs => [action, `webhook/${id}`];
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
          beside={<OnBadge on={one.on} />}
          text={<code>{one.url}</code>}
          actions={
            <>
              <ActButton needs={may('updateUrl')} variant="default" onClick={() => setOpen('edit')}>
                {t('Edit')}
              </ActButton>
              <ActButton needs={may('updateOn')} variant="default" onClick={() => setOpen('switch')}>
                {one.on ? t('Switch off') : t('Switch on')}
              </ActButton>
              <ActButton
                needs={may('updateOn')}
                loading={trial.isPending}
                onClick={() => trial.mutate(request('post', '/api/v2/webhooks/{id}/deliveries', { path }))}
              >
                {t('Send a test')}
              </ActButton>
            </>
          }
        >
          {one.secret && (
            <Panel
              title={t('Signature')}
              text={t('What is sent carries an HMAC-SHA256 with this secret in X-LD-Signature.')}
            >
              <Group gap="xs">
                <Secret value={one.secret} label={t('the secret')} />
              </Group>
            </Panel>
          )}
          <Deliveries
            query={deliveries}
            needs={may('updateOn')}
            replay={({ _id }) =>
              request('post', '/api/v2/webhooks/{id}/deliveries/{deliveryId}/replay', {
                path: { id, deliveryId: _id },
              })
            }
          />
          {open === 'edit' && <WebhookDialog webhook={one} close={close} />}
          {open === 'switch' && (
            <ConfirmDialog
              title={one.on ? t('Switch the webhook off?') : t('Switch the webhook on?')}
              text={
                one.on
                  ? t('Changes from now on are not sent, also not later.')
                  : t('It is told of changes from now on.')
              }
              label={one.on ? t('Switch off') : t('Switch on')}
              danger={one.on}
              needs={may('updateOn')}
              call={request('patch', '/api/v2/webhooks/{id}', {
                path,
                body: [{ op: 'replace', path: '/on', value: !one.on }],
              })}
              close={close}
            />
          )}
        </Page>
      )}
    </Listed>
  );
}
