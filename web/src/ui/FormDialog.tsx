import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { ActButton } from '~/access/ActButton';
import type { Needs } from '~/access/questions';
import { useText } from '~/i18n/text';
import { useWords } from './useWords';
import classes from './FormDialog.module.css';

interface Props {
  title: string;
  close: () => void;
  /** What the button says and does that leaves without a change; as closing does unless told. */
  cancel?: () => void;
  submit: () => void;
  label: string;
  pending?: boolean;
  error?: unknown;
  danger?: boolean;
  disabled?: boolean;
  /** What must be allowed; otherwise the dialog only shows, and says why. */
  needs?: Needs | Needs[];
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
    cancel = close,
    needs,
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
    // Return in a field sends a form also where its button is off.
    if (!disabled && !pending) submit();
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
          <Group justify="flex-end" gap="xs" className={classes.foot}>
            <Button variant="default" onClick={cancel}>
              {t('Cancel')}
            </Button>
            <ActButton
              type="submit"
              needs={needs}
              loading={pending}
              disabled={disabled}
              color={danger ? 'signal' : undefined}
            >
              {label}
            </ActButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
