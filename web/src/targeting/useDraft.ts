import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Flag } from '~/api/types';
import { draftOf, same, type Draft } from './draft';
import { merge, type Merged } from './merge';

interface Kept {
  version: number;
  base: Draft;
  draft: Draft;
}

export interface DraftState {
  draft: Draft | undefined;
  base: Draft;
  /** Whether something is edited that is not saved. */
  staged: boolean;
  /** Both sides changed the same: what the server has by now, and what it would be. */
  conflict: { merged: Merged; theirs: Draft; version: number } | undefined;
  set: (change: (draft: Draft) => Draft) => void;
  /** Starts over from what the server has. */
  reset: () => void;
  /** Continues with a draft on top of what the server has. */
  rebase: (theirs: Draft, version: number, draft: Draft) => void;
}

const EMPTY: Draft = { on: false, prerequisites: [], targets: [], rules: [], fallthrough: { variation: 0 } };

/** The draft of a flag in an environment. It outlives a reload, and takes in what others save meanwhile. */
export function useDraft(project: string, env: string, flag: Flag): DraftState {
  const name = `wigwag.draft/${project}/${env}/${flag.key}`;
  const config = flag.environments?.[env];
  const server = useMemo(() => (config ? draftOf(config) : undefined), [config]);
  const version = config?.version ?? 0;
  const [kept, setKept] = useState<Kept | undefined>(
    () => read(name) ?? (server && { version, base: server, draft: server }),
  );

  // What others saved is taken in as it comes, unless both changed the same.
  const merged = useMemo(
    () => (server && kept && kept.version < version ? merge(kept.base, server, kept.draft) : undefined),
    [server, kept, version],
  );
  const calm = merged?.conflicts.length === 0;
  const base = (calm ? server : kept?.base) ?? EMPTY;
  const draft = calm ? merged.draft : kept?.draft;
  const staged = draft !== undefined && !same(base, draft);

  useEffect(() => {
    if (staged && kept)
      sessionStorage.setItem(name, JSON.stringify({ version: calm ? version : kept.version, base, draft }));
    else sessionStorage.removeItem(name);
  }, [name, staged, kept, calm, version, base, draft]);

  const set = useCallback(
    (change: (draft: Draft) => Draft) => {
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
    (theirs: Draft, at: number, next: Draft) => setKept({ version: at, base: theirs, draft: next }),
    [],
  );
  const conflict = merged && !calm && server ? { merged, theirs: server, version } : undefined;
  return { draft, base, staged, conflict, set, reset, rebase };
}

function read(name: string): Kept | undefined {
  const text = sessionStorage.getItem(name);
  return text ? (JSON.parse(text) as Kept) : undefined;
}
