import { Anchor, Group, Text } from '@mantine/core';
import type { FormErrors, UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import type { Needs } from '~/access/questions';
import { useSave } from '~/api/useAct';
import { useText } from '~/i18n/text';
import type { Call } from '~/ui/calls';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { FieldConflicts } from './FieldConflicts';
import { fieldError, type FieldError } from './fieldErrors';
import { useFormDraft } from './useFormDraft';

interface Props<V extends object, A> {
  /** Names the draft: what is edited. */
  draft: string;
  title: string;
  label: string;
  size?: string;
  danger?: boolean;
  initial: V;
  /** Never kept in a draft. */
  secret?: (keyof V)[];
  validate?: (values: V) => FormErrors;
  /** The change; none where there is nothing to save. */
  call: (values: V) => Call<A> | undefined;
  terraform?: (values: V) => string | undefined;
  /** What a refusal is about, where its text names no field. */
  about?: (error: unknown) => FieldError | undefined;
  /** What must be allowed. */
  needs?: Needs | Needs[];
  /** A field's value in words, where it is not a text: who an id is, what a row says. */
  say?: (field: string, value: unknown) => string | undefined;
  children: (form: UseFormReturnType<V>) => ReactNode;
  done?: (answer: A) => void;
  close: () => void;
}

/**
 * A dialog with a form. What was typed outlives a failed save, an ended session and a reload, and overwrites nothing that
 * somebody else saved meanwhile.
 */
export function EditDialog<V extends object, A = unknown>(props: Props<V, A>) {
  const {
    draft,
    initial,
    secret = [],
    validate,
    call,
    terraform,
    about,
    say,
    children,
    done,
    close,
    ...dialog
  } = props;
  const t = useText();
  const save = useSave<A>();
  const saving = save.isPending;
  const { form, again, restart, forget, conflict } = useFormDraft<V>({
    ...{ draft, initial, secret, validate, saving },
  });
  const leave = () => {
    forget();
    close();
  };
  const wanted = call(form.getValues());
  const told = (error: unknown) => about?.(error) ?? fieldError(error, Object.keys(initial));
  const refused = save.error && told(save.error);
  const submit = form.onSubmit(() => {
    if (!wanted) return;
    save.mutate(wanted, {
      onSuccess: (answer) => {
        leave();
        done?.(answer);
      },
      onError: (error) => {
        const found = told(error);
        if (found) form.setFieldError(found.field, found.text);
      },
    });
  });
  return (
    <FormDialog
      {...dialog}
      close={close}
      cancel={leave}
      submit={() => submit()}
      pending={saving}
      error={refused ? undefined : save.error}
      disabled={!wanted || conflict !== undefined}
      aside={wanted && <CopyAs call={wanted} terraform={terraform?.(form.getValues())} />}
    >
      {again && (
        <Group justify="space-between" gap="xs" role="status">
          <Text size="sm" c="dimmed">
            {t('What you typed before is here again.')}
          </Text>
          <Anchor component="button" type="button" size="sm" onClick={restart}>
            {t('Begin anew')}
          </Anchor>
        </Group>
      )}
      {children(form)}
      {conflict && (
        <FieldConflicts
          conflicts={conflict.conflicts}
          secret={secret}
          say={say}
          discard={restart}
          decide={conflict.decide}
        />
      )}
    </FormDialog>
  );
}
