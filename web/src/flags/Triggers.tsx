import { Badge, Button, Group, Menu, Skeleton, Stack, Text, ActionIcon } from '@mantine/core';
import { IconBolt, IconDots, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { ErrorState } from '~/ui/ErrorState';
import { notifyFailed } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { useWords } from '~/ui/useWords';
import { CreateTrigger, TriggerUrl } from './TriggerDialogs';

export type Trigger = Schemas['TriggerWorkflowRep'];

/** Addresses that switch the flag when another system calls them. */
export function Triggers({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  const t = useText();
  const queries = useQueryClient();
  const environment = useEnvironments(project).find((one) => one.key === env);
  const [creating, setCreating] = useState(false);
  const [fresh, setFresh] = useState<Trigger>();
  const path = `/api/v2/flags/${enc(project)}/${enc(flag.key)}/triggers/${enc(env)}`;
  const queryKey = ['project', project, 'triggers', flag.key, env];
  const triggers = useQuery({
    queryKey,
    queryFn: ({ signal }) => send<{ items: Trigger[] }>('GET', path, undefined, false, { signal }),
  });
  const changed = () => queries.invalidateQueries({ queryKey });
  const items = triggers.data?.items ?? [];
  return (
    <Panel
      title={t('Triggers in {environment}', { environment: environment?.name ?? env })}
      text={t('Secret addresses for other systems, such as an alarm that turns the flag off.')}
      actions={
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
          {t('Create a trigger')}
        </Button>
      }
    >
      {triggers.isError ? (
        <ErrorState error={triggers.error} />
      ) : !triggers.data ? (
        <Skeleton h={44} />
      ) : items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('None yet')}
        </Text>
      ) : (
        <Stack gap="md">
          {items.map((trigger) => (
            <TriggerRow key={trigger._id} path={path} trigger={trigger} changed={changed} show={setFresh} />
          ))}
        </Stack>
      )}
      {creating && (
        <CreateTrigger
          path={path}
          close={() => setCreating(false)}
          made={(trigger) => {
            setCreating(false);
            setFresh(trigger);
            void changed();
          }}
        />
      )}
      {fresh && <TriggerUrl trigger={fresh} close={() => setFresh(undefined)} />}
    </Panel>
  );
}

interface RowProps {
  path: string;
  trigger: Trigger;
  changed: () => Promise<void>;
  show: (trigger: Trigger) => void;
}

function TriggerRow({ path, trigger, changed, show }: RowProps) {
  const t = useText();
  const words = useWords();
  const own = `${path}/${enc(trigger._id)}`;
  const patch = useMutation({
    mutationFn: (kind: string) => send<Trigger>('PATCH', own, { instructions: [{ kind }] }, true),
    onSuccess: async (saved, kind) => {
      await changed();
      if (kind === 'cycleTriggerUrl') show(saved);
    },
    onError: (error) => notifyFailed(words(error)),
  });
  const remove = useMutation({
    mutationFn: () => send('DELETE', own),
    onSuccess: changed,
    onError: (error) => notifyFailed(words(error)),
  });
  const on = trigger.instructions[0]?.kind === 'turnFlagOn';
  const name = on ? t('Turns the flag on') : t('Turns the flag off');
  const states: Record<string, { label: string; color: string }> = {
    active: { label: t('active'), color: 'sea' },
    inactive: { label: t('disabled'), color: 'gray' },
    failed: { label: t('failed'), color: 'signal' },
  };
  const state = states[trigger._status];
  return (
    <Group wrap="nowrap" align="flex-start" gap="sm">
      <IconBolt size={18} aria-hidden style={{ marginTop: 2, flex: 'none' }} color="var(--muted)" />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={550}>
            {name}
          </Text>
          <Badge size="sm" color={state?.color}>
            {state?.label}
          </Badge>
        </Group>
        <Text size="xs" c="dimmed" className="mono" style={{ overflowWrap: 'anywhere' }}>
          {trigger.triggerURL}
        </Text>
        <Text size="xs" c="dimmed" component="div">
          {trigger._integrationKey} ·{' '}
          {t('{count, plural, =0 {never called} one {called once} other {called # times}}', {
            count: trigger._triggerCount,
          })}
          {trigger._lastTriggeredAt && (
            <>
              {', '}
              <Ago at={trigger._lastTriggeredAt} />
            </>
          )}
        </Text>
      </div>
      <Menu shadow="md" position="bottom-end">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            loading={patch.isPending || remove.isPending}
            aria-label={t('More about {name}', { name })}
          >
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => patch.mutate(trigger.enabled ? 'disableTrigger' : 'enableTrigger')}>
            {trigger.enabled ? t('Disable') : t('Enable')}
          </Menu.Item>
          <Menu.Item onClick={() => patch.mutate('cycleTriggerUrl')}>{t('Make a new address')}</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="signal" onClick={() => remove.mutate()}>
            {t('Delete')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
