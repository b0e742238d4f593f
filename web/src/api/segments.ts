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
    queryFn: ({ signal }) => segmentNow(projectKey, environmentKey, segmentKey, signal),
  });
}

/** What policies and the audit log call it. */
export function resourceOfSegment(project: string, env: string, segment: string): string {
  return `proj/${project}:env/${env}:segment/${segment}`;
}

/** A segment as it is, with what its answer tells: see `sequenceOf`. */
export function segmentNow(
  projectKey: string,
  environmentKey: string,
  segmentKey: string,
  signal?: AbortSignal,
) {
  const path = { projectKey, environmentKey, segmentKey };
  const where = '/api/v2/segments/{projectKey}/{environmentKey}/{segmentKey}';
  return ask(api.GET(where, { params: { path }, signal }));
}

export function patchSegment(
  project: string,
  env: string,
  segment: string,
  body: { instructions: Instruction[]; comment?: string },
  basedOn?: number,
): Promise<Schemas['UserSegment']> {
  return send(
    'PATCH',
    `/api/v2/segments/${enc(project)}/${enc(env)}/${enc(segment)}`,
    { environmentKey: env, ...body },
    true,
    { basedOn },
  );
}
