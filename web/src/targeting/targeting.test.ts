import { describe, expect, test } from 'vitest';
import type { Variation } from '~/api/types';
import { newClause, newRule, type Draft, type DraftRule } from './draft';
import { instructions } from './instructions';
import { decided, merge } from './merge';
import { problemOf, valueFrom } from './operators';
import { evenly, total, withWeight } from './rollout';

const variations: Variation[] = ['a', 'b', 'c'].map((id) => ({ _id: `id-${id}`, value: id }));
const rule = (id: string, variation = 0): DraftRule => ({
  id,
  description: '',
  clauses: [{ ...newClause(), id: `${id}-c`, attribute: 'plan', values: ['gold'] }],
  serve: { variation },
});
const base: Draft = {
  on: false,
  prerequisites: [],
  targets: [{ contextKind: 'user', variation: 0, values: ['ann', 'bob'] }],
  rules: [rule('r1'), rule('r2'), rule('r3')],
  fallthrough: { variation: 0 },
  offVariation: 1,
};
const kinds = (after: Draft) => instructions(base, after, variations).map((one) => one.kind);

describe('instructions', () => {
  test('nothing changed, nothing to do', () => {
    expect(instructions(base, structuredClone(base), variations)).toEqual([]);
  });

  test('on comes last', () => {
    expect(kinds({ ...base, on: true, offVariation: 2 })).toEqual(['updateOffVariation', 'turnFlagOn']);
  });

  test('a key that moves is taken away before it is added', () => {
    const targets = [
      { contextKind: 'user', variation: 0, values: ['bob'] },
      { contextKind: 'user', variation: 1, values: ['ann'] },
    ];
    expect(instructions(base, { ...base, targets }, variations)).toEqual([
      { kind: 'removeTargets', contextKind: 'user', variationId: 'id-a', values: ['ann'] },
      { kind: 'addTargets', contextKind: 'user', variationId: 'id-b', values: ['ann'] },
    ]);
  });

  test('new rules stand before the next known one, after the known ones are in order', () => {
    const [r1, r2, r3] = base.rules;
    if (!r1 || !r2 || !r3) throw new Error('three rules');
    const [x, y] = [newRule(1), newRule(2)];
    const made = instructions(base, { ...base, rules: [r3, x, y, r1] }, variations);
    expect(made.map((one) => one.kind)).toEqual(['removeRule', 'reorderRules', 'addRule', 'addRule']);
    expect(made[1]?.ruleIds).toEqual(['r3', 'r1']);
    expect(made.slice(2).map((one) => [one.beforeRuleId, one.variationId])).toEqual([
      ['r1', 'id-b'],
      ['r1', 'id-c'],
    ]);
  });

  test('clauses are added before others are removed, so that a rule always has one', () => {
    const rules = [{ ...rule('r1'), clauses: [newClause()] }, ...base.rules.slice(1)];
    expect(kinds({ ...base, rules })).toEqual(['addClauses', 'removeClauses']);
  });

  test('a rollout names variations by id', () => {
    const fallthrough = { rollout: { weights: evenly(2), contextKind: 'org', bucketBy: 'key' } };
    expect(instructions(base, { ...base, fallthrough }, variations)).toEqual([
      {
        kind: 'updateFallthroughVariationOrRollout',
        rolloutWeights: { 'id-a': 50_000, 'id-b': 50_000 },
        rolloutContextKind: 'org',
        rolloutBucketBy: 'key',
      },
    ]);
  });

  test('a segment is matched whatever the kind', () => {
    const clauses = [{ ...newClause(), id: 'r1-c', op: 'segmentMatch', values: ['beta'] }];
    const rules = [{ ...rule('r1'), clauses }, ...base.rules.slice(1)];
    const [made] = instructions(base, { ...base, rules }, variations);
    expect(made?.clause).toEqual({
      attribute: 'segmentMatch',
      op: 'segmentMatch',
      negate: false,
      values: ['beta'],
    });
  });
});

describe('two people', () => {
  test('what each changed alone is kept of both', () => {
    const theirs = { ...base, on: true, rules: [rule('r1', 2), ...base.rules.slice(1)] };
    const mine = { ...base, fallthrough: { variation: 2 }, rules: [...base.rules, rule('new-1')] };
    const { draft, conflicts } = merge(base, theirs, mine);
    expect(conflicts).toEqual([]);
    expect(draft.on).toBe(true);
    expect(draft.fallthrough).toEqual({ variation: 2 });
    expect(draft.rules.map((one) => one.id)).toEqual(['r1', 'r2', 'r3', 'new-1']);
    expect(draft.rules[0]?.serve).toEqual({ variation: 2 });
  });

  test('the same part changed differently is asked about; both the same way is not', () => {
    const theirs = { ...base, offVariation: 0, fallthrough: { variation: 1 } };
    const mine = { ...base, offVariation: 0, fallthrough: { variation: 2 } };
    const merged = merge(base, theirs, mine);
    expect(merged.conflicts.map((one) => one.part)).toEqual(['fallthrough']);
    expect(merged.draft.fallthrough).toEqual({ variation: 2 });
    expect(decided(merged, theirs, { fallthrough: 'theirs' }).fallthrough).toEqual({ variation: 1 });
  });

  test('a rule I changed and they removed is a conflict', () => {
    const theirs = { ...base, rules: base.rules.slice(1) };
    const mine = { ...base, rules: [rule('r1', 2), ...base.rules.slice(1)] };
    const merged = merge(base, theirs, mine);
    expect(merged.conflicts.map((one) => one.part)).toEqual(['rules/r1']);
    expect(merged.draft.rules.map((one) => one.id)).toEqual(['r1', 'r2', 'r3']);
    expect(decided(merged, theirs, { 'rules/r1': 'theirs' }).rules.map((one) => one.id)).toEqual([
      'r2',
      'r3',
    ]);
  });

  test('the first rule of a flag is kept', () => {
    const none = { ...base, rules: [] };
    expect(merge(none, none, { ...none, rules: [rule('new-1')] }).draft.rules.map((one) => one.id)).toEqual([
      'new-1',
    ]);
  });

  test('a rule they added stays where they put it', () => {
    const theirs = { ...base, rules: [rule('r1'), rule('t'), rule('r2'), rule('r3')] };
    const mine = { ...base, rules: [rule('r3'), rule('r1'), rule('r2')] };
    const merged = merge(base, theirs, mine);
    expect(merged.draft.rules.map((one) => one.id)).toEqual(['r3', 'r1', 't', 'r2']);
  });
});

describe('rollouts', () => {
  test('stay whole however they are set', () => {
    let weights = evenly(3);
    expect(total(weights)).toBe(100_000);
    for (const [variation, weight] of [
      [0, 10_000],
      [1, 99_999],
      [2, 100_000],
      [0, 33_333],
      [1, 0],
      [2, 250_000],
    ] as const) {
      weights = withWeight(weights, variation, weight);
      expect(total(weights)).toBe(100_000);
      expect(weights.every((one) => one.weight >= 0)).toBe(true);
    }
  });

  test('the others share in proportion', () => {
    const weights = [
      { variation: 0, weight: 50_000 },
      { variation: 1, weight: 30_000 },
      { variation: 2, weight: 20_000 },
    ];
    expect(withWeight(weights, 0, 0).map((one) => one.weight)).toEqual([0, 60_000, 40_000]);
  });
});

describe('values', () => {
  test('are typed as their operator wants', () => {
    expect(valueFrom('in', '12')).toBe(12);
    expect(valueFrom('in', '012')).toBe('012');
    expect(valueFrom('in', 'true')).toBe(true);
    expect(valueFrom('contains', '12')).toBe('12');
    expect(valueFrom('greaterThan', '1.5')).toBe(1.5);
  });

  test('that an operator cannot use are told', () => {
    expect(problemOf('greaterThan', 'many')).toBe('number');
    expect(problemOf('semVerLessThan', '1.x')).toBe('version');
    expect(problemOf('semVerLessThan', '2.1')).toBeUndefined();
    expect(problemOf('before', 'tomorrow')).toBe('date');
    expect(problemOf('before', '2026-01-01T00:00:00Z')).toBeUndefined();
    expect(problemOf('matches', '(')).toBe('pattern');
  });
});
