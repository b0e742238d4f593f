import { expect, test } from 'vitest';
import type { Flag } from '~/api/types';
import { variationChanges, variationRows } from './variationChanges';

const flag = {
  kind: 'multivariate',
  variations: [
    { _id: 'a', value: 'red', name: 'Red' },
    { _id: 'b', value: '', name: '' },
  ],
} as unknown as Flag;

test('rows as they were are no change', () => {
  expect(variationChanges(flag, variationRows(flag))).toEqual([]);
});

test('values are changed, added and taken away', () => {
  const [red] = variationRows(flag);
  expect(
    variationChanges(flag, [
      { ...red, name: 'Red', text: 'crimson' },
      { name: '', text: 'blue' },
    ]),
  ).toEqual([
    { kind: 'updateVariation', variationId: 'a', name: 'Red', value: 'crimson' },
    { kind: 'addVariation', value: 'blue' },
    { kind: 'removeVariation', variationId: 'b' },
  ]);
});
