import type { Instruction, Variation } from '~/api/types';
import { same } from '~/forms/threeWay';
import type { Draft, DraftClause, DraftRule, DraftTarget, Serve } from './draft';

/** The semantic patch that makes `after` of `before`. What did not change is not named. */
export function instructions(before: Draft, after: Draft, variations: Variation[]): Instruction[] {
  const id = (index: number | undefined) => variations[index ?? -1]?._id ?? '';
  return [
    ...prerequisites(before, after),
    ...targets(before.targets, after.targets, id),
    ...rules(before.rules, after.rules, id),
    ...(same(before.fallthrough, after.fallthrough)
      ? []
      : [{ kind: 'updateFallthroughVariationOrRollout', ...served(after.fallthrough, id) }]),
    ...(before.offVariation === after.offVariation
      ? []
      : [{ kind: 'updateOffVariation', variationId: id(after.offVariation) }]),
    // Last, so that a flag is turned on in its new state only.
    ...(before.on === after.on ? [] : [{ kind: after.on ? 'turnFlagOn' : 'turnFlagOff' }]),
  ];
}

type IdOf = (index: number | undefined) => string;

/** Variations of other flags are known by index; `patchOf` turns them into ids before sending. */
function prerequisites(before: Draft, after: Draft): Instruction[] {
  const was = new Map(before.prerequisites.map(({ key, variation }) => [key, variation]));
  const is = new Map(after.prerequisites.map(({ key, variation }) => [key, variation]));
  const gone = [...was.keys()]
    .filter((key) => !is.has(key))
    .map((key) => ({ kind: 'removePrerequisite', key }));
  const set = [...is].flatMap(([key, variation]) => {
    if (was.get(key) === variation) return [];
    return [{ kind: was.has(key) ? 'updatePrerequisite' : 'addPrerequisite', key, variation }];
  });
  return [...gone, ...set];
}

/** Keys that move are taken away everywhere before they are added: a key has one variation a kind. */
function targets(before: DraftTarget[], after: DraftTarget[], id: IdOf): Instruction[] {
  const change = (kind: string, from: DraftTarget[], to: DraftTarget[]) =>
    from.flatMap(({ contextKind, variation, values }) => {
      const kept = to.filter((t) => t.contextKind === contextKind && t.variation === variation);
      const known = new Set(kept.flatMap((t) => t.values));
      const rest = values.filter((value) => !known.has(value));
      return rest.length === 0 ? [] : [{ kind, contextKind, variationId: id(variation), values: rest }];
    });
  return [...change('removeTargets', before, after), ...change('addTargets', after, before)];
}

function rules(before: DraftRule[], after: DraftRule[], id: IdOf): Instruction[] {
  const old = new Map(before.map((rule) => [rule.id, rule]));
  const kept = after.filter((rule) => old.has(rule.id));
  const keptIds = new Set(kept.map((rule) => rule.id));
  const removed = before.filter((rule) => !keptIds.has(rule.id));
  const stayed = before.filter((rule) => keptIds.has(rule.id)).map((rule) => rule.id);
  const order = kept.map((rule) => rule.id);
  return [
    ...removed.map((rule) => ({ kind: 'removeRule', ruleId: rule.id })),
    ...kept.flatMap((rule) => ruleChanges(old.get(rule.id) ?? rule, rule, id)),
    ...(same(stayed, order) ? [] : [{ kind: 'reorderRules', ruleIds: order }]),
    ...after.flatMap((rule, at) => (old.has(rule.id) ? [] : [added(rule, after.slice(at + 1), old, id)])),
  ];
}

/** New rules come before the next one the server knows, in their order. */
function added(rule: DraftRule, later: DraftRule[], old: Map<string, DraftRule>, id: IdOf): Instruction {
  const next = later.find((other) => old.has(other.id));
  return {
    kind: 'addRule',
    ...(next ? { beforeRuleId: next.id } : {}),
    ...(rule.description ? { description: rule.description } : {}),
    clauses: rule.clauses.map(clause),
    ...served(rule.serve, id),
  };
}

function ruleChanges(was: DraftRule, is: DraftRule, id: IdOf): Instruction[] {
  const ruleId = is.id;
  const serves = { kind: 'updateRuleVariationOrRollout', ruleId, ...served(is.serve, id) };
  return [...ruleTextChanges(was, is), ...(same(was.serve, is.serve) ? [] : [serves])];
}

/** What flags and segments have in common: a rule's description and clauses. */
export function ruleTextChanges(was: RuleText, is: RuleText): Instruction[] {
  const ruleId = is.id;
  const old = new Map(was.clauses.map((c) => [c.id, c]));
  const ids = new Set(is.clauses.map((c) => c.id));
  const gone = was.clauses.filter((c) => !ids.has(c.id)).map((c) => c.id);
  const fresh = is.clauses.filter((c) => !old.has(c.id));
  const changed = is.clauses.filter((c) => old.has(c.id) && !same(old.get(c.id), c));
  const list: (Instruction | undefined)[] = [
    was.description === is.description
      ? undefined
      : { kind: 'updateRuleDescription', ruleId, description: is.description },
    // Added first: a rule is never without a clause.
    fresh.length > 0 ? { kind: 'addClauses', ruleId, clauses: fresh.map(clause) } : undefined,
    ...changed.map((c) => ({ kind: 'updateClause', ruleId, clauseId: c.id, clause: clause(c) })),
    gone.length > 0 ? { kind: 'removeClauses', ruleId, clauseIds: gone } : undefined,
  ];
  return list.filter((one) => one !== undefined);
}

interface RuleText {
  id: string;
  description: string;
  clauses: DraftClause[];
}

/** A clause as instructions take it. */
export function clause(c: DraftClause) {
  const { contextKind, attribute, op, negate, values } = c;
  if (op === 'segmentMatch') return { attribute: 'segmentMatch', op, negate, values };
  return { contextKind, attribute, op, negate, values };
}

function served({ variation, rollout }: Serve, id: IdOf): Record<string, unknown> {
  if (!rollout) return { variationId: id(variation) };
  return {
    rolloutWeights: Object.fromEntries(
      rollout.weights.map(({ variation, weight }) => [id(variation), weight]),
    ),
    ...(rollout.contextKind ? { rolloutContextKind: rollout.contextKind } : {}),
    ...(rollout.bucketBy ? { rolloutBucketBy: rollout.bucketBy } : {}),
  };
}
