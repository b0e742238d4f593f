import { Button, Group, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '~/api/client';
import { useText } from '~/i18n/text';
import { CodeBlock } from '~/ui/CodeBlock';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import type { Trigger } from './Triggers';

interface Props {
  path: string;
  close: () => void;
  made: (trigger: Trigger) => void;
}

export function CreateTrigger({ path, close, made }: Props) {
  const t = useText();
  const [kind, setKind] = useState('turnFlagOff');
  const [integrationKey, setIntegrationKey] = useState('generic-trigger');
  const [comment, setComment] = useState('');
  const body = { integrationKey, instructions: [{ kind }], ...(comment ? { comment } : {}) };
  const create = useMutation({ mutationFn: () => send<Trigger>('POST', path, body), onSuccess: made });
  return (
    <FormDialog
      title={t('Create a trigger')}
      label={t('Create')}
      size="md"
      close={close}
      submit={() => create.mutate()}
      pending={create.isPending}
      error={create.error}
      disabled={integrationKey.trim() === ''}
      aside={<CopyAs call={{ method: 'POST', path, body }} />}
    >
      <div>
        <Text size="sm" fw={500} mb={4} id="trigger-does">
          {t('A call of its address')}
        </Text>
        <SegmentedControl
          aria-labelledby="trigger-does"
          value={kind}
          onChange={setKind}
          data={[
            { value: 'turnFlagOff', label: t('turns the flag off') },
            { value: 'turnFlagOn', label: t('turns the flag on') },
          ]}
        />
      </div>
      <TextInput
        label={t('Called by')}
        description={t('A name for what calls it, such as datadog.')}
        value={integrationKey}
        onChange={(event) => setIntegrationKey(event.currentTarget.value)}
      />
      <Textarea
        label={t('Comment')}
        autosize
        minRows={2}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
    </FormDialog>
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
