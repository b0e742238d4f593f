import { Badge, Stack, Text } from '@mantine/core';
import { IconBolt, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import { onFlag } from '~/access/places';
import { useMayEach } from '~/access/useMay';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { Listed } from '~/settings/Listed';
import { useEnvironments } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { ItemRow } from '~/ui/ItemRow';
import { MoreMenu } from '~/ui/MoreMenu';
import { Panel } from '~/ui/Panel';
import { ChangeTrigger, CreateTrigger, TriggerUrl, type TriggerChange } from './TriggerDialogs';

export type Trigger = Schemas['TriggerWorkflowRep'];

/** Addresses that switch the flag when another system calls them. */
export function Triggers({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  const t = useText();
  const environment = useEnvironments(project).find((one) => one.key === env);
  const [creating, setCreating] = useState(false);
  const [changing, setChanging] = useState<{ trigger: Trigger; change: TriggerChange }>();
  const [fresh, setFresh] = useState<Trigger>();
  const path = `/api/v2/flags/${enc(project)}/${enc(flag.key)}/triggers/${enc(env)}`;
  const needs = (action: string) => onFlag(action, project, env, flag.key);
  const [mayChange, mayDelete] = useMayEach([needs('updateTriggers'), needs('deleteTriggers')]);
  const triggers = useQuery({
    queryKey: ['project', project, 'triggers', flag.key, env],
    queryFn: ({ signal }) => send<{ items: Trigger[] }>('GET', path, undefined, false, { signal }),
  });
  return (
    <Panel
      title={t('Triggers in {environment}', { environment: environment?.name ?? env })}
      text={t('Secret addresses for other systems, such as an alarm that turns the flag off.')}
      actions={
        <ActButton
          variant="default"
          needs={needs('createTriggers')}
          leftSection={<IconPlus size={16} />}
          onClick={() => setCreating(true)}
        >
          {t('Create a trigger')}
        </ActButton>
      }
    >
      <Listed query={triggers}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('None yet')}
            </Text>
          ) : (
            <Stack gap="md">
              {items.map((trigger) => (
                <TriggerRow
                  key={trigger._id}
                  trigger={trigger}
                  mayChange={mayChange === true}
                  mayDelete={mayDelete === true}
                  change={(change) => setChanging({ trigger, change })}
                />
              ))}
            </Stack>
          )
        }
      </Listed>
      {creating && (
        <CreateTrigger
          draft={`trigger.${project}.${env}.${flag.key}`}
          path={path}
          needs={needs('createTriggers')}
          close={() => setCreating(false)}
          made={setFresh}
        />
      )}
      {changing && (
        <ChangeTrigger
          path={path}
          {...changing}
          needs={needs(changing.change === 'delete' ? 'deleteTriggers' : 'updateTriggers')}
          renewed={setFresh}
          close={() => setChanging(undefined)}
        />
      )}
      {fresh && <TriggerUrl trigger={fresh} close={() => setFresh(undefined)} />}
    </Panel>
  );
}

interface RowProps {
  trigger: Trigger;
  mayChange: boolean;
  mayDelete: boolean;
  change: (change: TriggerChange) => void;
}

function TriggerRow({ trigger, mayChange, mayDelete, change }: RowProps) {
  const t = useText();
  const on = trigger.instructions[0]?.kind === 'turnFlagOn';
  const name = on ? t('Turns the flag on') : t('Turns the flag off');
  const states: Record<string, { label: string; color: string }> = {
    active: { label: t('active'), color: 'sea' },
    inactive: { label: t('disabled'), color: 'gray' },
    failed: { label: t('failed'), color: 'signal' },
  };
  const state = states[trigger._status];
  return (
    <ItemRow
      icon={<IconBolt size={18} />}
      title={
        <>
          <Text size="sm" fw={550}>
            {name}
          </Text>
          <Badge size="sm" color={state?.color}>
            {state?.label}
          </Badge>
        </>
      }
      about={
        <>
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
        </>
      }
      menu={
        <MoreMenu
          label={t('More about {name}', { name })}
          items={[
            mayChange && {
              label: trigger.enabled ? t('Disable…') : t('Enable…'),
              act: () => change(trigger.enabled ? 'disableTrigger' : 'enableTrigger'),
            },
            mayChange && { label: t('Make a new address…'), act: () => change('cycleTriggerUrl') },
            mayDelete && { label: t('Delete…'), danger: true, act: () => change('delete') },
          ]}
        />
      }
    >
      <Text size="xs" c="dimmed" className="mono">
        {trigger.triggerURL}
      </Text>
    </ItemRow>
  );
}
