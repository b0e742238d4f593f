import { useCallback, useState } from 'react';
import { dropDraft, keepDraft, keptDraft } from './kept';

interface Kept<T> {
  value: T;
}

/**
 * A state that outlives a reload and an ended session under its name, until it is forgotten. Under another name it begins
 * anew: where the name is of what an address asks, Back shows what that asked.
 */
export function useKept<T>(id: string, initial: T): [T, (value: T) => void, () => void] {
  const first = () => ({ id, value: keptDraft<Kept<T>>(id)?.value ?? initial });
  const [held, setHeld] = useState(first);
  let { value } = held;
  if (held.id !== id) {
    const next = first();
    setHeld(next);
    value = next.value;
  }
  const change = useCallback(
    (next: T) => {
      setHeld({ id, value: next });
      if (JSON.stringify(next) === JSON.stringify(initial)) dropDraft(id);
      else keepDraft(id, { value: next } satisfies Kept<T>);
    },
    [id, initial],
  );
  const forget = useCallback(() => dropDraft(id), [id]);
  return [value, change, forget];
}
