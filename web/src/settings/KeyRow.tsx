import { ActionIcon, Button, Group, Select, Text, Tooltip } from '@mantine/core';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { useText } from '~/i18n/text';
import { Copy } from '~/ui/Copy';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone } from '~/ui/notify';
import { useSend } from './useSend';

interface Props {
  project: string;
  env: Schemas['EnvironmentRep'];
  kind: 'sdk' | 'mobile' | 'client';
  label: string;
  value: string;
}

const HOUR = 3_600_000;

/** A key of an environment: hidden until it is asked for, copied, rotated. */
export function KeyRow({ project, env, kind, label, value }: Props) {
  const t = useText();
  const secret = kind !== 'client';
  const [shown, setShown] = useState(!secret);
  const [rotating, setRotating] = useState(false);
  return (
    <Group gap="xs" wrap="wrap">
      <Text size="sm" c="dimmed" w={120}>
        {label}
      </Text>
      <code style={{ wordBreak: 'break-all' }}>
        {shown ? value : `${value.slice(0, 4)}${'•'.repeat(18)}${value.slice(-4)}`}
      </code>
      {secret && (
        <Tooltip label={shown ? t('Hide') : t('Show')}>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            onClick={() => setShown(!shown)}
            aria-label={shown ? t('Hide {what}', { what: label }) : t('Show {what}', { what: label })}
          >
            {shown ? <IconEyeOff size={14} /> : <IconEye size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
      <Copy value={value} what={label} />
      {secret && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setRotating(true)}>
          {t('Rotate…')}
        </Button>
      )}
      {rotating && (
        <Rotate project={project} env={env} kind={kind} label={label} close={() => setRotating(false)} />
      )}
    </Group>
  );
}

function Rotate({ project, env, kind, label, close }: Omit<Props, 'value'> & { close: () => void }) {
  const t = useText();
  const [hours, setHours] = useState('24');
  const [opened] = useState(() => Date.now());
  const send = useSend('POST', () => {
    notifyDone(t('There is a new key'));
    close();
  });
  const base = `/api/v2/projects/${enc(project)}/environments/${enc(env.key)}`;
  const expiry = hours === '0' ? '' : `?expiry=${opened + Number(hours) * HOUR}`;
  const path = kind === 'mobile' ? `${base}/mobileKey` : `${base}/apiKey${expiry}`;
  return (
    <FormDialog
      title={t('Rotate the {what} of {env}?', { what: label, env: env.name })}
      label={t('Rotate')}
      danger
      size="md"
      close={close}
      submit={() => send.mutate({ path })}
      pending={send.isPending}
      error={send.error}
      aside={<CopyAs call={{ method: 'POST', path }} />}
    >
      {kind === 'sdk' ? (
        <Select
          label={t('The old key goes on working')}
          value={hours}
          onChange={(value) => setHours(value ?? '24')}
          data={[
            { value: '0', label: t('not at all') },
            { value: '1', label: t('for an hour') },
            { value: '24', label: t('for a day') },
            { value: '168', label: t('for a week') },
          ]}
        />
      ) : (
        <Text size="sm">{t('Apps that use the old key get nothing any more, at once.')}</Text>
      )}
    </FormDialog>
  );
}
