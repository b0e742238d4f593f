import { expect, test } from 'vitest';
import {
  decidedSegment,
  mergeSegment,
  newSegmentRule,
  segmentInstructions,
  type SegmentDraft,
  type SegmentRule,
} from './segmentDraft';

const base: SegmentDraft = { included: { user: ['ann'] }, excluded: {}, rules: [] };

test('keys are added and removed by kind', () => {
  const after = { ...base, included: { user: ['bob'], org: ['acme'] }, excluded: { user: ['ann'] } };
  expect(segmentInstructions(base, after)).toEqual([
    { kind: 'removeIncludedTargets', contextKind: 'user', values: ['ann'] },
    { kind: 'addIncludedTargets', contextKind: 'user', values: ['bob'] },
    { kind: 'addIncludedTargets', contextKind: 'org', values: ['acme'] },
    { kind: 'addExcludedTargets', contextKind: 'user', values: ['ann'] },
  ]);
});

test('rules are added, changed and removed', () => {
  const rule = { ...newSegmentRule(), id: 'r' };
  const before = { ...base, rules: [rule] };
  expect(segmentInstructions(base, before).map((one) => one.kind)).toEqual(['addRule']);
  expect(segmentInstructions(before, base)).toEqual([{ kind: 'removeRule', ruleId: 'r' }]);
  const renamed = { ...before, rules: [{ ...rule, description: 'x' }] };
  expect(segmentInstructions(before, renamed)).toEqual([
    { kind: 'updateRuleDescription', ruleId: 'r', description: 'x' },
  ]);
});

const rule = (id: string, description: string) => ({ ...newSegmentRule(), id, description });

test('what two people do to keys is done by both', () => {
  const start: SegmentDraft = { included: { user: ['ann', 'bob'] }, excluded: {}, rules: [] };
  const theirs = { ...start, included: { user: ['bob', 'dora'], org: ['acme'] } };
  const mine = { ...start, included: { user: ['ann', 'cid'] }, excluded: { user: ['eve'] } };
  expect(mergeSegment(start, theirs, mine)).toEqual({
    draft: { included: { user: ['dora', 'cid'], org: ['acme'] }, excluded: { user: ['eve'] }, rules: [] },
    conflicts: [],
  });
});

test('a rule that both changed is asked about, and either answer is kept', () => {
  const of = (...rules: SegmentRule[]): SegmentDraft => ({ included: {}, excluded: {}, rules });
  const first = rule('r', 'as it was');
  const start = of(first, { ...first, id: 's' });
  const theirs = of({ ...first, description: 'theirs' }, { ...first, id: 's', description: 'new' });
  const merged = mergeSegment(start, theirs, of({ ...first, description: 'mine' }, { ...first, id: 's' }));
  expect(merged.conflicts.map(({ part }) => part)).toEqual(['rules/r']);
  const names = (keep: 'mine' | 'theirs') =>
    decidedSegment(merged, theirs, { 'rules/r': keep }).rules.map(({ description }) => description);
  expect(names('mine')).toEqual(['mine', 'new']);
  expect(names('theirs')).toEqual(['theirs', 'new']);
});

test('a share is set with a new rule, and changed where there is one', () => {
  const shared = { ...rule('r', ''), weight: 30_000 };
  const [add] = segmentInstructions(base, { ...base, rules: [{ ...shared, id: 'new-1' }] });
  expect(add).toMatchObject({ kind: 'addRule', weight: 30_000, rolloutContextKind: 'user' });
  const before = { ...base, rules: [shared] };
  expect(segmentInstructions(before, { ...base, rules: [{ ...shared, weight: 45_500 }] })).toEqual([
    { kind: 'updateRuleRolloutAndContextKind', ruleId: 'r', weight: 45_500 },
  ]);
});
