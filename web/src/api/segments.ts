import { queryOptions } from '@tanstack/react-query';
import { api, ask, send, type Schemas } from './client';
import { enc } from './flags';
import type { Instruction } from './types';

export const SEGMENTS_PAGE = 100;

/** One page of the list. */
export function segmentsQuery(projectKey: string, environmentKey: string, filter?: string, page = 0) {
  return queryOptions({
    queryKey: ['project', projectKey, 'segments', environmentKey, filter, page],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/segments/{projectKey}/{environmentKey}', {
          params: {
            path: { projectKey, environmentKey },
            query: { limit: SEGMENTS_PAGE, offset: page * SEGMENTS_PAGE, filter },
          },
          signal,
        }),
      ),
  });
}

export function segmentQuery(projectKey: string, environmentKey: string, segmentKey: string) {
  return queryOptions({
    queryKey: ['project', projectKey, 'segment', environmentKey, segmentKey],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/segments/{projectKey}/{environmentKey}/{segmentKey}', {
          params: { path: { projectKey, environmentKey, segmentKey } },
          signal,
        }),
      ),
  });
}

export function patchSegment(
  project: string,
  env: string,
  segment: string,
  body: { instructions: Instruction[]; comment?: string },
): Promise<Schemas['UserSegment']> {
  return send(
    'PATCH',
    `/api/v2/segments/${enc(project)}/${enc(env)}/${enc(segment)}`,
    { environmentKey: env, ...body },
    true,
  );
}
