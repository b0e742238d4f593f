import { expect, test } from 'vitest';
import type { Draft } from './draft';
import { draftNeeds } from './needs';

const base: Draft = {
  on: false,
  prerequisites: [],
  targets: [],
  rules: [],
  fallthrough: { variation: 0 },
  offVariation: 1,
};

test('a draft needs what its changed parts need, and nothing else', () => {
  expect(draftNeeds(base, { ...base }, 'shop', 'test', 'lamp')).toEqual([]);
  const draft = { ...base, on: true, fallthrough: { variation: 1 } };
  expect(draftNeeds(base, draft, 'shop', 'test', 'lamp')).toEqual([
    ['updateOn', 'proj/shop:env/test:flag/lamp'],
    ['updateFallthrough', 'proj/shop:env/test:flag/lamp'],
  ]);
});
