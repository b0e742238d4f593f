import { Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Needs } from '~/access/questions';
import { useText } from '~/i18n/text';
import { FormDialog } from './FormDialog';

interface Props {
  title: string;
  text: ReactNode;
  itsKey: string;
  label: string;
  pending: boolean;
  error: unknown;
  close: () => void;
  submit: () => void;
  needs?: Needs | Needs[];
  aside?: ReactNode;
}

/** What cannot be undone asks for the key to be typed. */
export function ConfirmByKey({
  title,
  text,
  itsKey,
  label,
  pending,
  error,
  close,
  submit,
  needs,
  aside,
}: Props) {
  const t = useText();
  const [typed, setTyped] = useState('');
  return (
    <FormDialog
      title={title}
      {...{ label, pending, error, close, submit, needs, aside }}
      danger
      disabled={typed !== itsKey}
      size="md"
    >
      <Text size="sm" component="div">
        {text}
      </Text>
      <TextInput
        label={t('Type {key} to go on', { key: itsKey })}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  );
}
