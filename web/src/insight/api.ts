import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask } from '~/api/client';
import { enc } from '~/api/flags';

/** Streams open and close, and are written to, without anything being changed: the page asks itself. */
const ASK_EVERY_MS = 2_000;
export const STREAMS_PAGE = 50;

export interface StreamsFilter {
  kind?: 'server' | 'mobile' | 'client';
  sdk?: string;
  application?: string;
  behind?: boolean;
  page?: number;
}

/** Streams that SDKs have open to the server that answers. */
export function streamsQuery(projectKey: string, environmentKey: string, filter: StreamsFilter) {
  const { page = 0, ...narrowed } = filter;
  return queryOptions({
    queryKey: ['streams', projectKey, environmentKey, filter],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/streams', {
          params: {
            path: { projectKey, environmentKey },
            query: { ...narrowed, limit: STREAMS_PAGE, offset: page * STREAMS_PAGE },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: ASK_EVERY_MS,
  });
}

/** How the last changes reached those streams. */
export function spreadQuery(projectKey: string, environmentKey: string) {
  return queryOptions({
    queryKey: ['streams', projectKey, environmentKey, 'changes'],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/streams/changes', {
          params: { path: { projectKey, environmentKey } },
          signal,
        }),
      ),
    refetchInterval: ASK_EVERY_MS,
  });
}

export interface TailFilter {
  /** Several by commas. */
  kind?: string;
  flag?: string;
  contextKind?: string;
  contextKey?: string;
}

/** Where the events are told of as they come. */
export function tailUrl(project: string, env: string, filter: TailFilter): string {
  const query = new URLSearchParams(
    Object.entries(filter).filter((entry): entry is [string, string] => Boolean(entry[1])),
  ).toString();
  const path = `/api/v2/projects/${enc(project)}/environments/${enc(env)}/events/tail`;
  return query ? `${path}?${query}` : path;
}
