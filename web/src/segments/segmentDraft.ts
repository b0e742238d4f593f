import type { Instruction } from '~/api/types';
import type { Schemas } from '~/api/client';
import { picker, same, type Conflict, type Kept, type Merged } from '~/forms/threeWay';
import { clauseOf, freshId, isNew, newClause, type DraftClause } from '~/targeting/draft';
import { clause, ruleTextChanges } from '~/targeting/instructions';
import { decidedRules, mergeRules } from '~/targeting/merge';

type Segment = Schemas['UserSegment'];

export interface SegmentRule {
  id: string;
  description: string;
  clauses: DraftClause[];
  /** How many of those who match are in the segment, in thousandths of a per cent; all where it is missing. */
  weight?: number;
  bucketBy?: string;
  rolloutContextKind?: string;
}

/** Keys by kind of context. */
export type Keys = Record<string, string[]>;

/** Who is in a segment, as it is edited. */
export interface SegmentDraft {
  included: Keys;
  excluded: Keys;
  rules: SegmentRule[];
}

export function segmentDraft(segment: Segment): SegmentDraft {
  return {
    included: byKind(segment.included, segment.includedContexts),
    excluded: byKind(segment.excluded, segment.excludedContexts),
    rules: segment.rules.map((rule) => ({
      id: rule._id,
      description: rule.description ?? '',
      clauses: rule.clauses.map(clauseOf),
      weight: rule.weight ?? undefined,
      bucketBy: rule.bucketBy ?? undefined,
      rolloutContextKind: rule.rolloutContextKind ?? undefined,
    })),
  };
}

function byKind(users: string[] | undefined, others: Schemas['SegmentTarget'][] | undefined) {
  const kinds: Keys = {};
  if (users && users.length > 0) kinds.user = users;
  for (const { contextKind, values } of others ?? []) {
    if (values.length > 0) kinds[contextKind] = [...(kinds[contextKind] ?? []), ...values];
  }
  return kinds;
}

export function newSegmentRule(): SegmentRule {
  return { id: freshId(), description: '', clauses: [newClause()] };
}

/** Whether a rule can be given a percentage: the API takes one with new rules only, and changes what is there. */
export function hasShare(rule: SegmentRule): boolean {
  return isNew(rule.id) || rule.weight !== undefined;
}

/** The semantic patch that makes `after` of `before`. */
export function segmentInstructions(before: SegmentDraft, after: SegmentDraft): Instruction[] {
  const old = new Map(before.rules.map((rule) => [rule.id, rule]));
  const is = new Set(after.rules.map((rule) => rule.id));
  const order = after.rules.filter((rule) => old.has(rule.id)).map((rule) => rule.id);
  const stayed = before.rules.filter((rule) => is.has(rule.id)).map((rule) => rule.id);
  return [
    ...keys('Included', before.included, after.included),
    ...keys('Excluded', before.excluded, after.excluded),
    ...before.rules
      .filter((rule) => !is.has(rule.id))
      .map((rule) => ({ kind: 'removeRule', ruleId: rule.id })),
    ...after.rules.flatMap((rule) => ruleChanges(old.get(rule.id) ?? rule, rule)),
    ...(same(stayed, order) ? [] : [{ kind: 'reorderRules', ruleIds: order }]),
    ...after.rules.filter((rule) => !old.has(rule.id)).map(added),
  ];
}

function ruleChanges(was: SegmentRule, is: SegmentRule): Instruction[] {
  const share = { kind: 'updateRuleRolloutAndContextKind', ruleId: is.id, weight: is.weight };
  return [
    ...ruleTextChanges(was, is),
    ...(is.weight === undefined || was.weight === is.weight ? [] : [share]),
  ];
}

function added({ description, clauses, weight, bucketBy, rolloutContextKind }: SegmentRule): Instruction {
  return {
    kind: 'addRule',
    description,
    clauses: clauses.map(clause),
    ...(weight === undefined ? {} : { weight, rolloutContextKind: rolloutContextKind ?? 'user' }),
    ...(bucketBy ? { bucketBy } : {}),
  };
}

function keys(list: string, before: Keys, after: Keys): Instruction[] {
  return kindsOf(before, after).flatMap((contextKind) => {
    const { added, removed } = keyChanges(before[contextKind], after[contextKind]);
    return [
      ...(removed.length > 0 ? [{ kind: `remove${list}Targets`, contextKind, values: removed }] : []),
      ...(added.length > 0 ? [{ kind: `add${list}Targets`, contextKind, values: added }] : []),
    ];
  });
}

export function kindsOf(...lists: Keys[]): string[] {
  return [...new Set(lists.flatMap(Object.keys))];
}

export function keyChanges(before: string[] = [], after: string[] = []) {
  const [was, is] = [new Set(before), new Set(after)];
  return { added: [...is].filter((key) => !was.has(key)), removed: [...was].filter((key) => !is.has(key)) };
}

/** Three-way: what each side added and removed is done to the keys, so they never conflict; rules may. */
export function mergeSegment(
  base: SegmentDraft,
  theirs: SegmentDraft,
  mine: SegmentDraft,
): Merged<SegmentDraft> {
  const conflicts: Conflict[] = [];
  const draft = {
    included: mergeKeys(base.included, theirs.included, mine.included),
    excluded: mergeKeys(base.excluded, theirs.excluded, mine.excluded),
    rules: mergeRules(base.rules, theirs.rules, mine.rules, picker(conflicts)),
  };
  return { draft, conflicts };
}

function mergeKeys(base: Keys, theirs: Keys, mine: Keys): Keys {
  const merged: Keys = {};
  for (const kind of kindsOf(theirs, mine)) {
    const { added, removed } = keyChanges(base[kind], mine[kind]);
    const gone = new Set(removed);
    const kept = (theirs[kind] ?? []).filter((key) => !gone.has(key));
    const all = [...new Set([...kept, ...added])];
    // A list that was opened and is still empty stays open.
    if (all.length > 0 || (mine[kind] && !base[kind])) merged[kind] = all;
  }
  return merged;
}

/** The draft after each conflict was decided. */
export function decidedSegment(merged: Merged<SegmentDraft>, theirs: SegmentDraft, keep: Kept): SegmentDraft {
  return { ...merged.draft, rules: decidedRules(merged.draft.rules, theirs.rules, merged.conflicts, keep) };
}
