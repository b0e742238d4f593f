import type { Instruction } from '~/api/types';
import type { Schemas } from '~/api/client';
import { clauseOf, freshId, newClause, same, type DraftClause } from '~/targeting/draft';
import { clause, ruleTextChanges } from '~/targeting/instructions';

type Segment = Schemas['UserSegment'];

export interface SegmentRule {
  id: string;
  description: string;
  clauses: DraftClause[];
}

/** Who is in a segment, as it is edited. Keys are by kind of context. */
export interface SegmentDraft {
  included: Record<string, string[]>;
  excluded: Record<string, string[]>;
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
    })),
  };
}

function byKind(users: string[] | undefined, others: Schemas['SegmentTarget'][] | undefined) {
  const kinds: Record<string, string[]> = {};
  if (users && users.length > 0) kinds.user = users;
  for (const { contextKind, values } of others ?? []) {
    if (values.length > 0) kinds[contextKind] = [...(kinds[contextKind] ?? []), ...values];
  }
  return kinds;
}

export function newSegmentRule(): SegmentRule {
  return { id: freshId(), description: '', clauses: [newClause()] };
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
    ...after.rules.flatMap((rule) => ruleTextChanges(old.get(rule.id) ?? rule, rule)),
    ...(same(stayed, order) ? [] : [{ kind: 'reorderRules', ruleIds: order }]),
    ...after.rules
      .filter((rule) => !old.has(rule.id))
      .map((rule) => ({ kind: 'addRule', description: rule.description, clauses: rule.clauses.map(clause) })),
  ];
}

function keys(
  list: string,
  before: Record<string, string[]>,
  after: Record<string, string[]>,
): Instruction[] {
  const kinds = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return kinds.flatMap((contextKind) => {
    const [was, is] = [new Set(before[contextKind]), new Set(after[contextKind])];
    const added = [...is].filter((key) => !was.has(key));
    const removed = [...was].filter((key) => !is.has(key));
    return [
      ...(removed.length > 0 ? [{ kind: `remove${list}Targets`, contextKind, values: removed }] : []),
      ...(added.length > 0 ? [{ kind: `add${list}Targets`, contextKind, values: added }] : []),
    ];
  });
}
