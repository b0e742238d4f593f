import { Button, Group, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { Needs } from '~/access/questions';
import { enc } from '~/api/flags';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { CodeBlock } from '~/ui/CodeBlock';
import type { Trigger } from './Triggers';

export type TriggerChange = 'enableTrigger' | 'disableTrigger' | 'cycleTriggerUrl' | 'delete';

interface Props {
  draft: string;
  path: string;
  needs: Needs;
  close: () => void;
  made: (trigger: Trigger) => void;
}

export function CreateTrigger({ draft, path, needs, close, made }: Props) {
  const t = useText();
  return (
    <EditDialog<{ kind: string; integrationKey: string; comment: string }, Trigger>
      draft={draft}
      title={t('Create a trigger')}
      label={t('Create')}
      size="md"
      needs={needs}
      initial={{ kind: 'turnFlagOff', integrationKey: 'generic-trigger', comment: '' }}
      validate={({ integrationKey }) =>
        integrationKey.trim() === '' ? { integrationKey: t('Say what calls it') } : {}
      }
      call={({ kind, integrationKey, comment }) => ({
        method: 'POST',
        path,
        body: { integrationKey, instructions: [{ kind }], ...(comment && { comment }) },
      })}
      done={made}
      close={close}
    >
      {(form) => (
        <>
          <div>
            <Text size="sm" fw={500} mb={4} id="trigger-does">
              {t('A call of its address')}
            </Text>
            <SegmentedControl
              aria-labelledby="trigger-does"
              data={[
                { value: 'turnFlagOff', label: t('turns the flag off') },
                { value: 'turnFlagOn', label: t('turns the flag on') },
              ]}
              {...form.getInputProps('kind')}
            />
          </div>
          <TextInput
            label={t('Called by')}
            description={t('A name for what calls it, such as datadog.')}
            {...form.getInputProps('integrationKey')}
          />
          <Textarea label={t('Comment')} autosize minRows={2} {...form.getInputProps('comment')} />
        </>
      )}
    </EditDialog>
  );
}

interface ChangeProps {
  path: string;
  trigger: Trigger;
  change: TriggerChange;
  needs: Needs;
  /** It has a new address, which is told once. */
  renewed: (trigger: Trigger) => void;
  close: () => void;
}

/** Asks before a trigger changes: other systems depend on it. */
export function ChangeTrigger({ path, trigger, change, needs, renewed, close }: ChangeProps) {
  const t = useText();
  const words: Record<TriggerChange, { title: string; text: string; label: string }> = {
    enableTrigger: {
      title: t('Enable the trigger?'),
      text: t('Calls of its address switch the flag again.'),
      label: t('Enable'),
    },
    disableTrigger: {
      title: t('Disable the trigger?'),
      text: t('Calls of its address are refused until it is enabled again.'),
      label: t('Disable'),
    },
    cycleTriggerUrl: {
      title: t('Make a new address?'),
      text: t('The old address is refused at once. The new one is told once.'),
      label: t('Make a new address'),
    },
    delete: {
      title: t('Delete the trigger?'),
      text: t('Calls of its address are refused from then on.'),
      label: t('Delete'),
    },
  };
  const own = `${path}/${enc(trigger._id)}`;
  return (
    <ConfirmDialog<Trigger | undefined>
      {...words[change]}
      danger={change !== 'enableTrigger'}
      needs={needs}
      call={
        change === 'delete'
          ? { method: 'DELETE', path: own }
          : { method: 'PATCH', path: own, body: { instructions: [{ kind: change }] }, semantic: true }
      }
      done={(saved) => {
        if (change === 'cycleTriggerUrl' && saved) renewed(saved);
      }}
      close={close}
    />
  );
}

/** The only time the address is told in full. */
export function TriggerUrl({ trigger, close }: { trigger: Trigger; close: () => void }) {
  const t = useText();
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={t('The address of the trigger')}
      closeButtonProps={{ 'aria-label': t('Close') }}
    >
      <Stack gap="md">
        <Text size="sm">
          {t('Copy it now: it is not shown again. Whoever knows it can switch the flag.')}
        </Text>
        <CodeBlock text={trigger.triggerURL} what={t('the address')} />
        <CodeBlock text={`curl -X POST '${trigger.triggerURL}'`} what={t('the call')} />
        <Group justify="flex-end">
          <Button onClick={close}>{t('Done')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
