import { Badge, Button, Checkbox, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask } from '~/api/client';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { DataTable } from '~/ui/DataTable';
import { EmptyState } from '~/ui/EmptyState';
import { FormDialog } from '~/ui/FormDialog';
import { Panel } from '~/ui/Panel';
import { Listed } from './Listed';
import { useSend } from './useSend';

export function Webhooks() {
  const t = useText();
  const [creating, setCreating] = useState(false);
  const query = useQuery({
    queryKey: ['account', 'webhooks'],
    queryFn: () => ask(api.GET('/api/v2/webhooks')),
  });
  return (
    <Panel
      flush
      title={t('Webhooks')}
      text={t('Other systems are told of changes as they happen.')}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
          {t('Create webhook')}
        </Button>
      }
    >
      <Listed query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              icon={<IconWebhook size={36} stroke={1.4} color="var(--muted)" aria-hidden />}
              title={t('No webhooks yet')}
            />
          ) : (
            <DataTable
              caption={t('Webhooks')}
              rows={items}
              id={(one) => one._id}
              columns={[
                {
                  head: t('Webhook'),
                  cell: (one) => (
                    <>
                      <Link to="/settings/webhooks/$id" params={{ id: one._id }} className="entity">
                        {one.name || one.url}
                      </Link>
                      <Text size="xs" c="dimmed" className="mono" style={{ wordBreak: 'break-all' }}>
                        {one.url}
                      </Text>
                    </>
                  ),
                },
                {
                  head: t('State'),
                  cell: (one) => <Badge color={one.on ? 'sea' : 'gray'}>{one.on ? t('on') : t('off')}</Badge>,
                },
                { head: t('Signed'), cell: (one) => (one.secret ? t('yes') : t('no')), minor: true },
              ]}
            />
          )
        }
      </Listed>
      {creating && <CreateWebhook close={() => setCreating(false)} />}
    </Panel>
  );
}

function CreateWebhook({ close }: { close: () => void }) {
  const t = useText();
  const form = useForm({ initialValues: { name: '', url: 'https://', sign: true, on: true } });
  const path = '/api/v2/webhooks';
  const create = useSend('POST', close);
  return (
    <FormDialog
      title={t('Create a webhook')}
      label={t('Create webhook')}
      close={close}
      submit={() => create.mutate({ path, body: form.values })}
      pending={create.isPending}
      error={create.error}
      aside={<CopyAs call={{ method: 'POST', path, body: form.values }} />}
    >
      <TextInput label={t('Name')} data-autofocus {...form.getInputProps('name')} />
      <TextInput label={t('Address')} type="url" required {...form.getInputProps('url')} />
      <Checkbox label={t('Sign what is sent')} {...form.getInputProps('sign', { type: 'checkbox' })} />
    </FormDialog>
  );
}
