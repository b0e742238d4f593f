import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, ask } from '~/api/client';

const PAGE = 25;

/** Where a piece begins; the end of the span stays what it was for the first. */
interface Piece {
  offset: number;
  to?: string;
}

/** What is not the same in an environment at two moments, in pieces; without `to` it is now. */
export function momentsQuery(project: string, env: string, from: number, to?: number) {
  const first: Piece = { offset: 0, to: to === undefined ? undefined : String(to) };
  return infiniteQueryOptions({
    queryKey: ['project', project, 'diff', env, from, to],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/diff', {
          params: {
            path: { projectKey: project, environmentKey: env },
            query: { from: String(from), limit: PAGE, ...pageParam },
          },
          signal,
        }),
      ),
    initialPageParam: first,
    getNextPageParam: (last, pages): Piece | undefined => {
      const offset = pages.length * PAGE;
      return offset < last.totalCount ? { offset, to: String(last.to) } : undefined;
    },
    retry: false,
  });
}
