import { Group, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { RowButton } from '~/access/RowButton';
import type { Needs } from '~/access/questions';
import type { Schemas } from '~/api/client';
import { request } from '~/api/request';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { useGrace } from '~/forms/useExpiries';
import { useText } from '~/i18n/text';
import { notifyDone } from '~/ui/notify';
import { Secret } from '~/ui/Secret';

interface Props {
  project: string;
  env: Schemas['EnvironmentRep'];
  kind: 'sdk' | 'mobile' | 'client';
  label: string;
  value: string;
}

/** A key that every environment has: hidden until it is asked for, copied, rotated. */
export function KeyRow({ project, env, kind, label, value }: Props) {
  const t = useText();
  const [rotating, setRotating] = useState(false);
  const needs: Needs = [
    kind === 'mobile' ? 'updateMobileKey' : 'updateApiKey',
    `proj/${project}:env/${env.key}`,
  ];
  return (
    <Group gap="xs" wrap="wrap">
      <Text size="sm" c="dimmed" w={120}>
        {label}
      </Text>
      <Secret value={value} label={label} open={kind === 'client'} />
      {kind !== 'client' && (
        <RowButton
          quiet
          needs={needs}
          onClick={() => setRotating(true)}
          label={t('Rotate the {what} of {env}?', { what: label, env: env.name })}
        >
          {t('Rotate…')}
        </RowButton>
      )}
      {rotating && <Rotate {...{ project, env, kind, label, needs }} close={() => setRotating(false)} />}
    </Group>
  );
}

function Rotate({
  project,
  env,
  kind,
  label,
  needs,
  close,
}: Omit<Props, 'value'> & { needs: Needs; close: () => void }) {
  const t = useText();
  const grace = useGrace();
  const [hours, setHours] = useState('24');
  const path = { projectKey: project, environmentKey: env.key };
  const call =
    kind === 'mobile'
      ? request('post', '/api/v2/projects/{projectKey}/environments/{environmentKey}/mobileKey', { path })
      : request('post', '/api/v2/projects/{projectKey}/environments/{environmentKey}/apiKey', {
          path,
          query: { expiry: grace.at(hours) },
        });
  return (
    <ConfirmDialog
      title={t('Rotate the {what} of {env}?', { what: label, env: env.name })}
      label={t('Rotate')}
      danger
      needs={needs}
      call={call}
      close={close}
      done={() => notifyDone(t('There is a new key'))}
      text={
        kind === 'sdk'
          ? t('Servers need the new key before the old one ends.')
          : t('Apps that use the old key get nothing any more, at once.')
      }
    >
      {kind === 'sdk' && (
        <Select
          label={t('The old key goes on working')}
          value={hours}
          onChange={(value) => setHours(value ?? '24')}
          data={grace.data}
        />
      )}
    </ConfirmDialog>
  );
}
