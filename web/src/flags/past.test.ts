import { expect, test } from 'vitest';
import type { Flag } from '~/api/types';
import { translated } from './past';

const flag = (ids: string[], config: object) =>
  ({
    variations: ids.map((_id) => ({ _id, name: `Variation ${_id}`, value: _id })),
    environments: { test: { on: true, prerequisites: [], ...config } },
  }) as unknown as Flag;

const past = flag(['a', 'b', 'c'], {
  fallthrough: {
    rollout: {
      variations: [
        { variation: 0, weight: 40_000 },
        { variation: 2, weight: 60_000 },
      ],
    },
  },
  offVariation: 2,
  targets: [{ contextKind: 'user', variation: 1, values: ['ann'] }],
  rules: [{ _id: 'r', clauses: [], variation: 0 }],
});

test('variations keep their meaning when they have moved', () => {
  const found = translated(past, flag(['c', 'a', 'b'], {}), 'test');
  expect(found?.gone).toEqual([]);
  expect(found?.draft.fallthrough.rollout?.weights.map(({ variation }) => variation)).toEqual([1, 0]);
  expect([
    found?.draft.offVariation,
    found?.draft.targets[0]?.variation,
    found?.draft.rules[0]?.serve,
  ]).toEqual([0, 2, { variation: 1 }]);
});

test('variations that are gone are named, environments that were not there make nothing', () => {
  expect(translated(past, flag(['a', 'b'], {}), 'test')?.gone).toEqual(['Variation c']);
  expect(translated(past, past, 'elsewhere')).toBeUndefined();
});
