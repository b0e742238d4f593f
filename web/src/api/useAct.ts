import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Call } from '~/ui/calls';
import { perform } from './request';

/**
 * Changes something; what is shown of the account and of projects is asked for again. `before` comes ahead of that, to
 * leave the page of what is gone.
 */
export function useAct<T = unknown>(done?: (answer: T) => void, before?: () => Promise<void>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (call: Call<T>) => perform(call),
    onSuccess: async (answer) => {
      await before?.();
      await Promise.all(
        ['account', 'project'].map((scope) => queries.invalidateQueries({ queryKey: [scope] })),
      );
      done?.(answer);
    },
  });
}
