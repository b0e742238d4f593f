import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Overtaken } from '~/api/sequence';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { notifyDone, notifyFailed } from '~/ui/notify';
import { notifyUndoable } from '~/ui/undo';
import { fewAtOnce, type BulkPatch } from './bulk';
import { changeFlag } from './changeFlag';
import { useSelection } from './selection';

interface Run {
  patches: BulkPatch[];
  comment?: string;
  /** It takes back what was done. */
  back?: boolean;
}

/** Patches many flags, each by a semantic patch of its own. What failed stays chosen; what was done can be undone. */
export function useBulk(project: string, says: (count: number) => string, close: () => void) {
  const t = useText();
  const queries = useQueryClient();
  const selection = useSelection();
  const [done, setDone] = useState(0);
  const [failed, setFailed] = useState<{ job: BulkPatch; error: unknown }[]>([]);
  const notifyUndone = (left: number) =>
    left === 0
      ? notifyDone(t('Undone'))
      : notifyFailed(
          t(
            '{count, plural, one {# flag was not changed back. It is} other {# flags were not changed back. They are}} selected again.',
            { count: left },
          ),
        );
  const again = useRef<(run: Run) => void>(undefined);
  const mutation = useMutation({
    mutationFn: ({ patches, comment }: Run) => {
      setDone(0);
      setFailed([]);
      return fewAtOnce(
        patches,
        ({ flag, environmentKey, instructions }) =>
          changeFlag(project, flag.key, {
            instructions,
            ...(environmentKey ? { environmentKey } : {}),
            ...(comment ? { comment } : {}),
          }),
        setDone,
      );
    },
    onSuccess: async (problems, { patches, back }) => {
      const lost = new Set(problems.map(({ job }) => job.flag.key));
      const good = patches.filter(({ flag }) => !lost.has(flag.key));
      setFailed(problems);
      await queries.invalidateQueries({ queryKey: ['project', project] });
      if (back) notifyUndone(problems.length);
      else if (good.length > 0) {
        const reverse = good.map((patch) => ({
          ...patch,
          instructions: patch.undo,
          undo: patch.instructions,
        }));
        notifyUndoable({
          id: 'bulk',
          message: says(good.length),
          label: t('Undo'),
          undo: () => again.current?.({ patches: reverse, comment: t('Undone'), back: true }),
        });
      }
      // Of what somebody else changed, it is seen by now what it is.
      selection.set(
        problems.map(({ job, error }) => (error instanceof Overtaken ? (error.now as Flag) : job.flag)),
      );
      if (problems.length === 0) close();
    },
  });
  useEffect(() => {
    again.current = mutation.mutate;
  });
  return { ...mutation, done, failed };
}
