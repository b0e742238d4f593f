import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from './client';

export interface ChangesFilter {
  q?: string;
  /** Resources; without them everything. */
  resources?: string[];
  member?: string;
}

const noPage: { before?: number; _seq?: number } = {};

/** The audit log, newest first, page by page. */
export function changesQuery(scope: string[], filter: ChangesFilter) {
  return infiniteQueryOptions({
    queryKey: [...scope, 'changes', filter],
    initialPageParam: noPage,
    queryFn: ({ pageParam, signal }) => {
      const { resources, ...rest } = filter;
      const query = { ...pageParam, limit: 20, ...rest };
      if (!resources) return ask(api.GET('/api/v2/auditlog', { params: { query }, signal }));
      const body = [{ effect: 'allow', actions: ['*'], resources }];
      return ask(api.POST('/api/v2/auditlog', { params: { query }, body, signal }));
    },
    getNextPageParam: (last) => {
      const next = last._links.next?.href;
      if (!next) return undefined;
      const params = new URL(next, location.origin).searchParams;
      return { before: Number(params.get('before')), _seq: Number(params.get('_seq')) };
    },
  });
}

/** Whether the record of all changes is what was written. */
export const chainQuery = queryOptions({
  queryKey: ['chain'],
  queryFn: ({ signal }) => ask(api.GET('/api/v2/auditlog/chain', { signal })),
  staleTime: 300_000,
  retry: false,
});

export function changeQuery(id: string) {
  return queryOptions({
    queryKey: ['change', id],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/auditlog/{id}', { params: { path: { id } }, signal })),
    staleTime: Infinity,
  });
}

/** What belongs to a project, or to one environment of it, as resources of a policy. */
export function resourcesOf(project: string, env?: string): string[] {
  const inside = ['flag', 'segment', 'experiment', 'sdk-key'].map(
    (kind) => `proj/${project}:env/${env ?? '*'}:${kind}/*`,
  );
  if (env) return [`proj/${project}:env/${env}`, ...inside];
  return [
    `proj/${project}`,
    `proj/${project}:env/*`,
    `proj/${project}:context-kind/*`,
    `proj/${project}:view/*`,
    ...inside,
  ];
}
