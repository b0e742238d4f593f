import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Call } from '~/ui/calls';
import { perform } from './request';

/** Changes something of the account; what is shown of it is asked for again. */
export function useAct<T = unknown>(done?: (answer: T) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (call: Call<T>) => perform(call),
    onSuccess: async (answer) => {
      await queries.invalidateQueries({ queryKey: ['account'] });
      done?.(answer);
    },
  });
}
