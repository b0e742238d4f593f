import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Call } from '~/ui/calls';
import { perform } from './request';
import { outdated, useSeen } from './sequence';

/**
 * Changes something; what is shown of the account and of projects is asked for again. `before` comes ahead of that, to
 * leave the page of what is gone.
 */
export function useAct<T = unknown>(done?: (answer: T) => void, before?: () => Promise<void>) {
  const again = useAgain();
  return useMutation({
    mutationFn: (call: Call<T>) => perform(call),
    onSuccess: async (answer) => {
      await before?.();
      await again();
      done?.(answer);
    },
  });
}

/**
 * Saves what was edited of something that is shown. Where somebody else saved it since, nothing is written and what they
 * saved is asked for, so that the edit can take it in.
 */
export function useSave<T = unknown>(done?: (answer: T) => void) {
  const again = useAgain();
  const seen = useSeen();
  return useMutation({
    mutationFn: (call: Call<T>) => perform(call, call.method === 'POST' ? undefined : seen),
    onSuccess: async (answer) => {
      await again();
      done?.(answer);
    },
    onError: async (problem) => {
      if (outdated(problem)) await again();
    },
  });
}

/** Asks again for what is shown. */
function useAgain() {
  const queries = useQueryClient();
  return () =>
    Promise.all(['account', 'project'].map((scope) => queries.invalidateQueries({ queryKey: [scope] })));
}
