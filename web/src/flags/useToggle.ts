import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { patchFlag } from '~/api/flags';
import { useText } from '~/i18n/text';
import { notifyFailed } from '~/ui/notify';
import { notifyUndoable } from '~/ui/undo';
import { useWords } from '~/ui/useWords';

interface Wanted {
  on: boolean;
  comment?: string;
}

/** Turns a flag on or off. It shows at once, and can be undone from the note that says so. */
export function useToggle(project: string, flag: string, env: string) {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const again = useRef<(wanted: Wanted) => void>(undefined);
  const mutation = useMutation({
    mutationFn: ({ on, comment }: Wanted) =>
      patchFlag(project, flag, {
        environmentKey: env,
        instructions: [{ kind: on ? 'turnFlagOn' : 'turnFlagOff' }],
        ...(comment ? { comment } : {}),
      }),
    onSuccess: async (_, { on }) => {
      await queries.invalidateQueries({ queryKey: ['project', project] });
      const values = { flag, environment: env };
      notifyUndoable({
        id: `toggle/${project}/${flag}/${env}`,
        message: on
          ? t('{flag} is on in {environment}', values)
          : t('{flag} is off in {environment}', values),
        label: t('Undo'),
        undo: () => again.current?.({ on: !on, comment: t('Undone') }),
      });
    },
    onError: (error) => notifyFailed(words(error)),
  });
  useEffect(() => {
    again.current = mutation.mutate;
  });
  return { ...mutation, optimistic: mutation.isPending ? mutation.variables.on : undefined };
}
