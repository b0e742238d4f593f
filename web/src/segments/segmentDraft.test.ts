import { expect, test } from 'vitest';
import { newSegmentRule, segmentInstructions, type SegmentDraft } from './segmentDraft';

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
