import { createContext, use, useCallback, useMemo, useState } from 'react';
import type { Flag } from '~/api/types';

export interface Selection {
  flags: ReadonlyMap<string, Flag>;
  toggle: (flag: Flag) => void;
  set: (flags: Flag[]) => void;
  clear: () => void;
}

const none: Selection = {
  flags: new Map(),
  toggle: () => undefined,
  set: () => undefined,
  clear: () => undefined,
};

export const SelectionContext = createContext<Selection>(none);

/** Flags that are chosen in the list, as they were when they were chosen. */
export function useSelection(): Selection {
  return use(SelectionContext);
}

export function useNewSelection(): Selection {
  const [flags, setFlags] = useState<ReadonlyMap<string, Flag>>(new Map());
  const toggle = useCallback(
    (flag: Flag) =>
      setFlags((old) => {
        const next = new Map(old);
        if (!next.delete(flag.key)) next.set(flag.key, flag);
        return next;
      }),
    [],
  );
  const set = useCallback((list: Flag[]) => setFlags(new Map(list.map((flag) => [flag.key, flag]))), []);
  const clear = useCallback(() => setFlags(new Map()), []);
  return useMemo(() => ({ flags, toggle, set, clear }), [flags, toggle, set, clear]);
}
