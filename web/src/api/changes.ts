import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from './client';

export interface ChangesFilter {
  q?: string;
  spec?: string;
  member?: string;
}

/** The audit log, newest first, page by page. */
export function changesQuery(scope: string[], filter: ChangesFilter) {
  return infiniteQueryOptions({
    queryKey: [...scope, 'changes', filter],
    initialPageParam: {} as { before?: number; _seq?: number },
    queryFn: ({ pageParam, signal }) => {
      const query = { ...pageParam, limit: 20, ...filter };
      return ask(api.GET('/api/v2/auditlog', { params: { query: query as never }, signal }));
    },
    getNextPageParam: (last) => {
      const next = (last._links.next as { href: string } | undefined)?.href;
      if (!next) return undefined;
      const params = new URL(next, location.origin).searchParams;
      return { before: Number(params.get('before')), _seq: Number(params.get('_seq')) };
    },
  });
}

export function changeQuery(id: string) {
  return queryOptions({
    queryKey: ['change', id],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/auditlog/{id}', { params: { path: { id } }, signal })),
    staleTime: Infinity,
  });
}
