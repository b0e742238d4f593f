import { notifyManager, replaceEqualDeep, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { ApiError } from './errors';

/**
 * As of which change something is known. Answers tell it, and a change that tells it back is refused where what it would
 * write was changed since: so a save overwrites nothing that was not seen, however close two of them come.
 */
const known = new WeakMap<object, number>();

/** The header of answers, and that of changes. */
const SEQUENCE = 'Wigwag-Sequence';
export const BASED_ON = 'Wigwag-Based-On';

/** Remembers what an answer told. */
export function note<T>(data: T, sequence: number | undefined): T {
  if (typeof data === 'object' && data !== null && sequence !== undefined) known.set(data, sequence);
  return data;
}

/** What a response told of itself. */
export function toldBy({ headers }: Response): number | undefined {
  const told = headers.get(SEQUENCE);
  return told === null ? undefined : Number(told);
}

export function sequenceOf(data: unknown): number | undefined {
  return typeof data === 'object' && data !== null ? known.get(data) : undefined;
}

/** What was made of several answers is as old as the oldest. */
export function oldest(parts: unknown[]): number | undefined {
  const told = parts.map(sequenceOf).filter((one) => one !== undefined);
  return told.length > 0 ? Math.min(...told) : undefined;
}

/** For the client of queries: what is the same as before stays the same object, by now known to be so still. */
export function shared(old: unknown, now: unknown): unknown {
  return note(replaceEqualDeep(old, now), sequenceOf(now));
}

/** The oldest of what pages show of the account and of projects. */
export function seenIn(queries: QueryClient): number | undefined {
  const shown = queries.getQueryCache().findAll({
    type: 'active',
    predicate: ({ queryKey: [scope], state }) =>
      (scope === 'account' || scope === 'project') && state.status === 'success',
  });
  return oldest(shown.map(({ state }) => state.data));
}

/** The same as what is rendered with it. */
export function useSeen(): number | undefined {
  const queries = useQueryClient();
  const subscribe = useCallback(
    (changed: () => void) => queries.getQueryCache().subscribe(notifyManager.batchCalls(changed)),
    [queries],
  );
  return useSyncExternalStore(subscribe, () => seenIn(queries));
}

/** What copies are refused with where their source is not the version any more that they name. */
const PINNED = 'optimistic_locking_error';

/** Whether a change was refused because it is based on what is not so any more. */
export function outdated(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 412 || error.code === PINNED);
}

/** Attempts at a save: others may come before it each time. */
const ATTEMPTS = 5;

/** Does again what others came before. Each attempt has to look anew at what is there. */
export async function untilCurrent<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; left > 0; left--) {
    try {
      return await attempt();
    } catch (problem) {
      if (!outdated(problem)) throw problem;
    }
  }
  return attempt();
}

/** Somebody else was first to change just what was to be changed. */
export class Overtaken<S = unknown> extends Error {
  constructor(readonly now: S) {
    super('overtaken');
    this.name = 'Overtaken';
  }
}

interface AsSeen<S, T> {
  look: () => Promise<S>;
  /** Whether what is there is still what the change was made for. */
  holds: (now: S) => boolean;
  write: (now: S, basedOn: number | undefined) => Promise<T>;
}

/**
 * Changes what was seen a while ago. It is looked at once more, and the change is made over nothing but that: on top of
 * what others changed beside it, and not at all where they changed the same.
 */
export function asSeen<S, T>({ look, holds, write }: AsSeen<S, T>): Promise<T> {
  return untilCurrent(async () => {
    const now = await look();
    if (!holds(now)) throw new Overtaken(now);
    return write(now, sequenceOf(now));
  });
}
