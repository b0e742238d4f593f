import type { FetchInfiniteQueryOptions, FetchQueryOptions, QueryKey } from '@tanstack/react-query';
import { projectsQuery, sessionQuery } from '~/api/account';
import { queries } from './queries';

/** A part of a page that is fetched by itself. */
interface Part {
  preload?: () => Promise<void> | undefined;
}

/**
 * Fetches parts of a page before it is shown. What is only asked for by the page itself shows a placeholder first, and
 * whatever follows a placeholder is held back by React for 300 ms.
 */
export const parts = (...all: (Part | undefined)[]) => Promise.all(all.map((part) => part?.preload?.()));

/** Asks for what a page shows while its script is still on the way; of who is not signed in nothing is asked. */
export function ahead<T, E, D, K extends QueryKey>(asked: FetchQueryOptions<T, E, D, K>) {
  void signedIn().then((yes) => (yes ? queries.prefetchQuery(asked) : undefined));
}

/** The same of the first page of a list. */
export function aheadOfList<T, E, D, K extends QueryKey, P>(asked: FetchInfiniteQueryOptions<T, E, D, K, P>) {
  void signedIn().then((yes) => (yes ? queries.prefetchInfiniteQuery(asked) : undefined));
}

/** The same where what is asked depends on the projects there are. */
export function aheadOfProjects(ask: (projects: Projects) => void) {
  void signedIn().then(async (yes) => {
    const found = yes ? await queries.ensureQueryData(projectsQuery).catch(() => undefined) : undefined;
    if (found) ask(found.items);
  });
}

type Projects = Awaited<ReturnType<NonNullable<typeof projectsQuery.queryFn>>>['items'];

function signedIn(): Promise<boolean> {
  return queries.ensureQueryData(sessionQuery).then(
    ({ member }) => member != null,
    () => false,
  );
}
