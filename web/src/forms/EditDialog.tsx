import { Anchor, Group, Text } from '@mantine/core';
import { useForm, type FormErrors, type UseFormReturnType } from '@mantine/form';
import { useState, type ReactNode } from 'react';
import type { Needs } from '~/access/questions';
import { useAct } from '~/api/useAct';
import { useText } from '~/i18n/text';
import type { Call } from '~/ui/calls';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { fieldError, type FieldError } from './fieldErrors';
import { dropDraft, keepDraft, keptDraft } from './kept';

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
  children: (form: UseFormReturnType<V>) => ReactNode;
  done?: (answer: A) => void;
  close: () => void;
}

/** A dialog with a form. What was typed outlives a failed save, an ended session and a reload. */
export function EditDialog<V extends object, A = unknown>(props: Props<V, A>) {
  const {
    draft,
    initial,
    secret = [],
    validate,
    call,
    terraform,
    about,
    children,
    done,
    close,
    ...dialog
  } = props;
  const t = useText();
  const [first] = useState(initial);
  const [kept] = useState(() => keptDraft<V>(draft));
  const [again, setAgain] = useState(kept !== undefined);
  const form = useForm<V>({
    initialValues: { ...first, ...kept },
    validate: (values) => validate?.(values) ?? {},
    onValuesChange: (values) => {
      const typed = Object.entries(values).filter(
        ([name, value]) =>
          !secret.includes(name as keyof V) &&
          JSON.stringify(value) !== JSON.stringify(first[name as keyof V]),
      );
      if (typed.length > 0) keepDraft(draft, Object.fromEntries(typed));
      else dropDraft(draft);
    },
  });
  const leave = () => {
    dropDraft(draft);
    close();
  };
  const save = useAct<A>((answer) => {
    leave();
    done?.(answer);
  });
  const wanted = call(form.getValues());
  const told = (error: unknown) => about?.(error) ?? fieldError(error, Object.keys(first));
  const refused = save.error && told(save.error);
  const submit = form.onSubmit(() => {
    if (!wanted) return;
    save.mutate(wanted, {
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
      pending={save.isPending}
      error={refused ? undefined : save.error}
      disabled={!wanted}
      aside={wanted && <CopyAs call={wanted} terraform={terraform?.(form.getValues())} />}
    >
      {again && (
        <Group justify="space-between" gap="xs" role="status">
          <Text size="sm" c="dimmed">
            {t('What you typed before is here again.')}
          </Text>
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => {
              form.setValues(first);
              dropDraft(draft);
              setAgain(false);
            }}
          >
            {t('Begin anew')}
          </Anchor>
        </Group>
      )}
      {children(form)}
    </FormDialog>
  );
}
