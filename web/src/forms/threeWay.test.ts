import { describe, expect, it } from 'vitest';
import { decidedFields, mergeFields } from './threeWay';

const base = { name: 'Payments', tags: ['a'], on: false };

describe('fields that two people edit', () => {
  it('takes from each what only they changed', () => {
    const theirs = { ...base, tags: ['a', 'b'] };
    const mine = { ...base, name: 'Payment' };
    expect(mergeFields(base, theirs, mine)).toEqual({
      draft: { name: 'Payment', tags: ['a', 'b'], on: false },
      conflicts: [],
    });
  });

  it('asks where both changed the same differently, and only there', () => {
    const theirs = { ...base, name: 'Pay', on: true };
    const mine = { ...base, name: 'Payment', on: true };
    const merged = mergeFields(base, theirs, mine);
    expect(merged.conflicts).toEqual([{ part: 'name', base: 'Payments', theirs: 'Pay', mine: 'Payment' }]);
    expect(decidedFields(merged, theirs, { name: 'theirs' })).toEqual(theirs);
    expect(decidedFields(merged, theirs, { name: 'mine' })).toEqual(mine);
  });

  it('forgets what was taken back to what it was', () => {
    expect(mergeFields(base, { ...base, name: 'Pay' }, base).draft.name).toBe('Pay');
  });
});
