import { expect, test } from 'vitest';
import type { Flag } from '~/api/types';
import { copied, sameCopy, targeting } from './copying';

const config = (more: object) => ({ on: false, fallthrough: { variation: 0 }, offVariation: 1, ...more });
const flag = (test: object, live: object) =>
  ({ environments: { test: config(test), live: config(live) } }) as unknown as Flag;

test('only chosen parts are copied', () => {
  const one = flag({ on: true, offVariation: 0 }, { targets: [{ variation: 0, values: ['ann'] }] });
  const after = copied(one, 'test', 'live', ['updateOn', 'updateTargets']);
  expect(after).toEqual({ ...targeting(one, 'live'), on: true, targets: [] });
  expect(copied(one, 'test', 'live', [])).toEqual(targeting(one, 'live'));
});

test('a copy is the same as long as its parts are, on both sides', () => {
  const seen = flag({ on: true }, {});
  const same = (now: Flag) => sameCopy(seen, now, 'test', 'live', ['updateOn']);
  expect(same(flag({ on: true, offVariation: 0 }, { offVariation: 0 }))).toBe(true);
  expect(same(flag({ on: false }, {}))).toBe(false);
  expect(same(flag({ on: true }, { on: true }))).toBe(false);
});
