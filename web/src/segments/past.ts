import { queryOptions } from '@tanstack/react-query';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';

/** A segment as it was at a moment. What was does not change. */
export function pastSegmentQuery(project: string, env: string, segment: string, at: number) {
  return queryOptions({
    queryKey: ['past', project, 'segment', env, segment, at],
    queryFn: ({ signal }) =>
      send<Schemas['UserSegment']>(
        'GET',
        `/api/v2/segments/${enc(project)}/${enc(env)}/${enc(segment)}?asOf=${at}`,
        undefined,
        false,
        { signal },
      ),
    staleTime: Infinity,
    retry: false,
  });
}
