/** What was, what somebody else saved, and what is edited here. */

/** A part that two people may have changed. */
export interface Conflict {
  part: string;
  base: unknown;
  theirs: unknown;
  mine: unknown;
}

export interface Merged<D> {
  /** Theirs with mine on top; where both changed the same part, mine. */
  draft: D;
  conflicts: Conflict[];
}

/** Which side of each conflict is kept, by its part. */
export type Kept = Record<string, 'mine' | 'theirs'>;

export type Pick = <T>(part: string, base: T, theirs: T, mine: T) => T;

/** The same members in the same order make the same text. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Takes what only one side changed from it; what both changed differently is noted as a conflict. */
export function picker(conflicts: Conflict[]): Pick {
  return (part, b, t, m) => {
    if (same(b, m)) return t;
    if (!same(b, t) && !same(t, m)) conflicts.push({ part, base: b, theirs: t, mine: m });
    return m;
  };
}

/** Three-way, member by member. */
export function mergeFields<D extends object>(base: D, theirs: D, mine: D): Merged<D> {
  const conflicts: Conflict[] = [];
  const pick = picker(conflicts);
  const draft = { ...theirs };
  for (const field of Object.keys(mine) as (keyof D & string)[])
    draft[field] = pick(field, base[field], theirs[field], mine[field]);
  return { draft, conflicts };
}

/** The members after each conflict was decided. */
export function decidedFields<D extends object>({ draft, conflicts }: Merged<D>, theirs: D, keep: Kept): D {
  const given = conflicts.filter(({ part }) => keep[part] === 'theirs');
  return { ...draft, ...Object.fromEntries(given.map(({ part }) => [part, theirs[part as keyof D]])) };
}
