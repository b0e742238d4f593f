import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Overtaken } from '~/api/sequence';
import { useText } from '~/i18n/text';
import { notifyFailed } from '~/ui/notify';
import { notifyUndoable } from '~/ui/undo';
import { useWords } from '~/ui/useWords';
import { changeFlag } from './changeFlag';

interface Wanted {
  on: boolean;
  comment?: string;
}

/** Turns a flag on or off. It shows at once, and can be undone from the note that says so. */
export function useToggle(project: string, flag: string, env: string) {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const values = { flag, environment: env };
  const look = () => queries.invalidateQueries({ queryKey: ['project', project] });
  const again = useRef<(wanted: Wanted) => void>(undefined);
  const mutation = useMutation({
    mutationFn: ({ on, comment }: Wanted) =>
      changeFlag(project, flag, {
        environmentKey: env,
        instructions: [{ kind: on ? 'turnFlagOn' : 'turnFlagOff' }],
        ...(comment ? { comment } : {}),
      }),
    onSuccess: async (_, { on }) => {
      await look();
      notifyUndoable({
        id: `toggle/${project}/${flag}/${env}`,
        message: on
          ? t('{flag} is on in {environment}', values)
          : t('{flag} is off in {environment}', values),
        label: t('Undo'),
        undo: () => again.current?.({ on: !on, comment: t('Undone') }),
      });
    },
    onError: async (error, { on }) => {
      if (!(error instanceof Overtaken)) return notifyFailed(words(error));
      await look();
      notifyFailed(
        on
          ? t('Somebody else just turned {flag} on in {environment}. You changed nothing.', values)
          : t('Somebody else just turned {flag} off in {environment}. You changed nothing.', values),
      );
    },
  });
  useEffect(() => {
    again.current = mutation.mutate;
  });
  return { ...mutation, optimistic: mutation.isPending ? mutation.variables.on : undefined };
}
