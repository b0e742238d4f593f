import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Needs } from '~/access/questions';
import { useAct } from '~/api/useAct';
import type { Call } from '~/ui/calls';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';

interface Props<A> {
  title: string;
  text: ReactNode;
  label: string;
  danger?: boolean;
  needs?: Needs | Needs[];
  call: Call<A>;
  /** Between the text and the buttons. */
  children?: ReactNode;
  done?: (answer: A) => void;
  close: () => void;
}

/** Asks before it does one thing. */
export function ConfirmDialog<A>({
  title,
  text,
  label,
  danger,
  needs,
  call,
  children,
  done,
  close,
}: Props<A>) {
  const act = useAct<A>((answer) => {
    close();
    done?.(answer);
  });
  return (
    <FormDialog
      {...{ title, label, danger, needs, close }}
      size="md"
      submit={() => act.mutate(call)}
      pending={act.isPending}
      error={act.error}
      aside={<CopyAs call={call} />}
    >
      <Text size="sm" component="div">
        {text}
      </Text>
      {children}
    </FormDialog>
  );
}
