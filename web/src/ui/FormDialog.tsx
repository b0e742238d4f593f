import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useText } from '~/i18n/text';
import { useWords } from './useWords';

interface Props {
  title: string;
  close: () => void;
  submit: () => void;
  label: string;
  pending?: boolean;
  error?: unknown;
  danger?: boolean;
  disabled?: boolean;
  size?: string;
  /** Left of the buttons. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A dialog that changes something. What was typed stays when it fails. */
export function FormDialog(props: Props) {
  const {
    title,
    close,
    submit,
    label,
    pending,
    error,
    danger,
    disabled,
    size = 'lg',
    aside,
    children,
  } = props;
  const t = useText();
  const words = useWords();
  const send = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    submit();
  };
  return (
    <Modal opened onClose={close} title={title} size={size} closeButtonProps={{ 'aria-label': t('Close') }}>
      <form onSubmit={send} noValidate>
        <Stack gap="md">
          {children}
          {error !== undefined && error !== null && (
            <Alert color="signal" variant="light" role="alert">
              {words(error)}
            </Alert>
          )}
          {aside}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t('Cancel')}
            </Button>
            <Button type="submit" loading={pending} disabled={disabled} color={danger ? 'signal' : undefined}>
              {label}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
