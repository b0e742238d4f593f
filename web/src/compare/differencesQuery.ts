import { infiniteQueryOptions } from '@tanstack/react-query';
import { FLAGS_MOST, pageOfFlags } from '~/api/flags';
import type { Flag } from '~/api/types';
import { differs } from './differs';

/** Differences that are enough for once, and pages that are read for them at most. */
const ENOUGH = 25;
const PAGES = 10;

interface Found {
  items: Flag[];
  /** How many flags were compared, all pieces together. */
  seen: number;
  total: number;
  /** The page to go on with. */
  next: number | undefined;
}

/** Flags that differ in two environments, in pieces: page after page is read until there is something to show. */
export function differencesQuery(project: string, env: string, other: string) {
  const envs = [env, other];
  return infiniteQueryOptions({
    queryKey: ['project', project, 'flags', 'differences', env, other],
    queryFn: async ({ pageParam, signal }): Promise<Found> => {
      const items: Flag[] = [];
      for (let page = pageParam; ; page++) {
        const found = await pageOfFlags(project, { envs, page, limit: FLAGS_MOST }, signal);
        items.push(...found.items.filter((flag) => differs(flag, env, other)));
        const total = found.totalCount ?? 0;
        const seen = Math.min(total, (page + 1) * FLAGS_MOST);
        const last = seen === total || found.items.length === 0;
        if (last || items.length >= ENOUGH || page + 1 - pageParam >= PAGES) {
          return { items, seen, total, next: last ? undefined : page + 1 };
        }
      }
    },
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
  });
}
