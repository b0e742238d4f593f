import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask, send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';

/** Contexts that SDKs told of, by the filter language of the search. */
export function contextsQuery(projectKey: string, environmentKey: string, filter: string | undefined) {
  return queryOptions({
    queryKey: ['project', projectKey, 'contexts', environmentKey, filter],
    queryFn: ({ signal }) =>
      ask(
        api.POST('/api/v2/projects/{projectKey}/environments/{environmentKey}/contexts/search', {
          params: { path: { projectKey, environmentKey }, header: { 'LD-API-Version': 'beta' } },
          body: { limit: 50, sort: '-ts', filter: filter ?? null, continuationToken: null },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export function contextQuery(projectKey: string, environmentKey: string, kind: string, key: string) {
  return queryOptions({
    queryKey: ['project', projectKey, 'context', environmentKey, kind, key],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/contexts/{kind}/{key}', {
          params: { path: { projectKey, environmentKey, kind, key }, header: { 'LD-API-Version': 'beta' } },
          signal,
        }),
      ),
  });
}

/** Flags that are evaluated at once. */
const EVALUATED = 50;

/** Flags by name, those that hold `text`, evaluated for a context. */
export function evaluateQuery(project: string, env: string, context: unknown, text: string) {
  const filter = text === '' ? undefined : `query equals ${JSON.stringify(text)}`;
  return infiniteQueryOptions({
    queryKey: ['project', project, 'evaluate', env, context, text],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({
        limit: String(EVALUATED),
        offset: String(pageParam),
        sort: 'name',
        ...(filter && { filter }),
      });
      return send<Schemas['ContextInstanceEvaluations']>(
        'POST',
        `/api/v2/projects/${enc(project)}/environments/${enc(env)}/flags/evaluate?${query.toString()}`,
        context,
        false,
        { signal },
      );
    },
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const shown = pages.length * EVALUATED;
      return shown < last.totalCount ? shown : undefined;
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function whyQuery(project: string, env: string, flag: string, context: unknown) {
  return queryOptions({
    queryKey: ['project', project, 'why', env, flag, context],
    queryFn: () =>
      send<Schemas['Why']>(
        'POST',
        `/api/v2/projects/${enc(project)}/environments/${enc(env)}/flags/${enc(flag)}/why`,
        { context },
      ),
    retry: false,
  });
}
