import { useMutation, useQueryClient } from '@tanstack/react-query';
import { send } from '~/api/client';

/** One request that changes the account; lists are asked for again. */
export function useSend<T = unknown>(
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  done?: (answer: T) => void,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ path, body, semantic }: { path: string; body?: unknown; semantic?: boolean }) =>
      send<T>(method, path, body, semantic),
    onSuccess: async (answer) => {
      await queries.invalidateQueries({ queryKey: ['account'] });
      done?.(answer);
    },
  });
}
