import { expect, test } from 'vitest';
import type { Flag } from '~/api/types';
import { bulkPatches, fewAtOnce, type BulkAction } from './bulk';

const flag = (key: string, more: object = {}) =>
  ({ key, tags: [], archived: false, environments: { test: { on: false } }, ...more }) as unknown as Flag;

const lamp = flag('lamp', { tags: ['web'], environments: { test: { on: true } } });
const door = flag('door');
const old = flag('old', { archived: true });

const made = (action: BulkAction) =>
  bulkPatches(action, [lamp, door, old]).map(({ flag: { key }, instructions: [does], undo: [back] }) => [
    key,
    does,
    back,
  ]);

test('only what is not so already is patched, and each patch knows its way back', () => {
  expect(made({ kind: 'on', env: 'test' })).toEqual([
    ['door', { kind: 'turnFlagOn' }, { kind: 'turnFlagOff' }],
  ]);
  expect(made({ kind: 'off', env: 'test' })).toEqual([
    ['lamp', { kind: 'turnFlagOff' }, { kind: 'turnFlagOn' }],
  ]);
  expect(made({ kind: 'on', env: 'elsewhere' })).toEqual([]);
  expect(made({ kind: 'archive' }).map(([key]) => key)).toEqual(['lamp', 'door']);
  expect(made({ kind: 'restore' }).map(([key]) => key)).toEqual(['old']);
});

test('undoing tags takes away only those that were added', () => {
  const [first] = made({ kind: 'tag', tags: ['web', 'new'] });
  expect(first).toEqual([
    'lamp',
    { kind: 'addTags', values: ['new'] },
    { kind: 'removeTags', values: ['new'] },
  ]);
  expect(made({ kind: 'untag', tags: ['web'] }).map(([key]) => key)).toEqual(['lamp']);
});

test('jobs run a few at a time, and failures do not stop the others', async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  const failed = await fewAtOnce(
    [1, 2, 3, 4, 5, 6, 7],
    async (job) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      if (job === 3) throw new Error('no');
    },
    (count) => seen.push(count),
    3,
  );
  expect(most).toBe(3);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(failed.map(({ job }) => job)).toEqual([3]);
});
