import { QueryClient } from '@tanstack/react-query';
import { passing } from '~/api/errors';
import { shared } from '~/api/sequence';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (count, error) => count < 2 && passing(error),
      refetchOnWindowFocus: false,
      structuralSharing: shared,
    },
  },
});
