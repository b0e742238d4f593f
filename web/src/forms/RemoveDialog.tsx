import type { ReactNode } from 'react';
import type { Needs } from '~/access/questions';
import { useAct } from '~/api/useAct';
import { useText } from '~/i18n/text';
import type { Call } from '~/ui/calls';
import { ConfirmByKey } from '~/ui/ConfirmByKey';
import { CopyAs } from '~/ui/CopyAs';

interface Props {
  title: string;
  text: ReactNode;
  /** What has to be typed. */
  itsKey: string;
  label?: string;
  needs?: Needs | Needs[];
  call: Call;
  /** Once it is gone, before anything is asked for again: to leave its page. */
  before?: () => Promise<void>;
  done?: () => void;
  close: () => void;
}

/** Takes something away for good. */
export function RemoveDialog({ title, text, itsKey, label, needs, call, before, done, close }: Props) {
  const t = useText();
  const remove = useAct(() => {
    close();
    done?.();
  }, before);
  return (
    <ConfirmByKey
      {...{ title, text, itsKey, needs, close }}
      label={label ?? t('Delete')}
      pending={remove.isPending}
      error={remove.error}
      submit={() => remove.mutate(call)}
      aside={<CopyAs call={call} />}
    />
  );
}
