import { useCallback, useEffect, useMemo, useState } from 'react';
import { same } from '~/forms/threeWay';
import type { Merged } from '~/forms/threeWay';

interface Kept<D> {
  version: number;
  base: D;
  draft: D;
}

/** What the server has, and at which version. */
export interface Saved<D> {
  version: number;
  draft: D;
}

export interface Staged<D> {
  draft: D | undefined;
  base: D;
  /** Whether something is edited that is not saved. */
  staged: boolean;
  /** Both sides changed the same: what the server has by now, and what it would be. */
  conflict: { merged: Merged<D>; theirs: D; version: number } | undefined;
  set: (change: (draft: D) => D) => void;
  /** Starts over from what the server has. */
  reset: () => void;
  /** Continues with a draft on top of what the server has. */
  rebase: (theirs: D, version: number, draft: D) => void;
}

/**
 * A draft of something that others may save meanwhile. It outlives a reload under its name, and takes in what others
 * save; only what both sides changed differently is asked about. `saved` must be the same object until it changes.
 */
export function useStaged<D>(
  name: string,
  saved: Saved<D> | undefined,
  merge: (base: D, theirs: D, mine: D) => Merged<D>,
  empty: D,
): Staged<D> {
  const server = saved?.draft;
  const version = saved?.version ?? 0;
  const [kept, setKept] = useState<Kept<D> | undefined>(
    () => read<D>(name) ?? (saved && { ...saved, base: saved.draft }),
  );

  // What others saved is taken in as it comes, unless both changed the same.
  const merged = useMemo(
    () => (server && kept && kept.version < version ? merge(kept.base, server, kept.draft) : undefined),
    [server, kept, version, merge],
  );
  const calm = merged?.conflicts.length === 0;
  const base = (calm ? server : kept?.base) ?? empty;
  const draft = calm ? merged.draft : kept?.draft;
  const staged = draft !== undefined && !same(base, draft);

  useEffect(() => {
    if (staged && kept)
      sessionStorage.setItem(name, JSON.stringify({ version: calm ? version : kept.version, base, draft }));
    else sessionStorage.removeItem(name);
  }, [name, staged, kept, calm, version, base, draft]);

  const set = useCallback(
    (change: (draft: D) => D) => {
      if (draft)
        setKept({ version: calm ? version : (kept?.version ?? version), base, draft: change(draft) });
    },
    [draft, calm, version, kept?.version, base],
  );
  const reset = useCallback(
    () => server && setKept({ version, base: server, draft: server }),
    [server, version],
  );
  const rebase = useCallback(
    (theirs: D, at: number, next: D) => setKept({ version: at, base: theirs, draft: next }),
    [],
  );
  const conflict = merged && !calm && server ? { merged, theirs: server, version } : undefined;
  return { draft, base, staged, conflict, set, reset, rebase };
}

function read<D>(name: string): Kept<D> | undefined {
  const text = sessionStorage.getItem(name);
  return text ? (JSON.parse(text) as Kept<D>) : undefined;
}
