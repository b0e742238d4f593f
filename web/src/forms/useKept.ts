import { useCallback, useState } from 'react';
import { dropDraft, keepDraft, keptDraft } from './kept';

interface Kept<T> {
  value: T;
}

/** A state that outlives a reload and an ended session under its name, until it is forgotten. */
export function useKept<T>(id: string, initial: T): [T, (value: T) => void, () => void] {
  const [value, setValue] = useState<T>(() => keptDraft<Kept<T>>(id)?.value ?? initial);
  const change = useCallback(
    (next: T) => {
      setValue(next);
      if (JSON.stringify(next) === JSON.stringify(initial)) dropDraft(id);
      else keepDraft(id, { value: next } satisfies Kept<T>);
    },
    [id, initial],
  );
  const forget = useCallback(() => dropDraft(id), [id]);
  return [value, change, forget];
}
