import { useForm, type FormErrors } from '@mantine/form';
import { useEffect, useMemo, useState } from 'react';
import { dropDraft, keepDraft, keptDraft } from './kept';
import { decidedFields, mergeFields, same, type Kept } from './threeWay';

/** What was typed, and what it was typed over. */
interface Typed<V> {
  was: Partial<V>;
  is: Partial<V>;
}

interface Options<V extends object> {
  /** Names the draft: what is edited. */
  draft: string;
  /** What is saved by now. */
  initial: V;
  /** Never kept in a draft. */
  secret: (keyof V)[];
  validate?: (values: V) => FormErrors;
  /** It is being saved: what comes from the server by now is one's own. */
  saving: boolean;
}

/**
 * A form whose values outlive a reload and an ended session. What others save meanwhile is taken in; what both changed
 * differently is a conflict, to be decided before anything is saved.
 */
export function useFormDraft<V extends object>({ draft, initial, secret, validate, saving }: Options<V>) {
  const [kept] = useState(() => keptDraft<Typed<V>>(draft));
  const [again, setAgain] = useState(kept !== undefined);
  const [base, setBase] = useState<V>({ ...initial, ...kept?.was });
  const [left, setLeft] = useState(false);
  const theirs = useSame(initial);
  const form = useForm<V>({
    initialValues: { ...initial, ...kept?.is },
    validate: (values) => validate?.(values) ?? {},
  });
  const { values, setValues } = form;

  useEffect(() => {
    if (left) return;
    const typed = (Object.keys(values) as (keyof V)[]).filter(
      (field) => !secret.includes(field) && !same(values[field], base[field]),
    );
    const of = (from: V) => Object.fromEntries(typed.map((field) => [field, from[field]])) as Partial<V>;
    if (typed.length > 0) keepDraft(draft, { was: of(base), is: of(values) } satisfies Typed<V>);
    else dropDraft(draft);
  });

  const merged = useMemo(
    () => (saving || left || same(base, theirs) ? undefined : mergeFields(base, theirs, values)),
    [saving, left, base, theirs, values],
  );
  const [taken, setTaken] = useState<V>();
  const take = (next: V) => {
    setBase(theirs);
    setTaken(next);
  };
  if (merged?.conflicts.length === 0) take(merged.draft);
  useEffect(() => {
    if (taken) setValues(taken);
  }, [taken, setValues]);

  return {
    form,
    /** Whether it began with what was typed before. */
    again,
    /** Starts over from what is saved. */
    restart: () => {
      setAgain(false);
      take({ ...theirs });
    },
    /** It was saved, or is not wanted any more. */
    forget: () => {
      setLeft(true);
      dropDraft(draft);
    },
    conflict:
      merged && merged.conflicts.length > 0
        ? {
            conflicts: merged.conflicts,
            decide: (keep: Kept) => take(decidedFields(merged, theirs, keep)),
          }
        : undefined,
  };
}

/** The same object until something in it is another. */
function useSame<T>(value: T): T {
  const [held, setHeld] = useState(value);
  if (same(held, value)) return held;
  setHeld(value);
  return value;
}
