import { expect, test, vi } from 'vitest';
import { together } from './together';

test('those who ask at once are answered by one request', async () => {
  const fetch = vi.fn((keys: string[]) => Promise.resolve(new Map(keys.map((key) => [key, key.length]))));
  const ask = together(2, fetch);
  expect(await Promise.all([ask('a'), ask('bb'), ask('a'), ask('ccc')])).toEqual([1, 2, 1, 3]);
  expect(fetch.mock.calls).toEqual([[['a', 'bb']], [['ccc']]]);
  await ask('a');
  expect(fetch).toHaveBeenCalledTimes(3);
});

test('what fails, or is left out, fails for those who asked for it', async () => {
  const ask = together<number>(10, (keys) =>
    keys.includes('broken') ? Promise.reject(new Error('away')) : Promise.resolve(new Map([['a', 1]])),
  );
  await expect(ask('broken')).rejects.toThrow('away');
  const both = await Promise.allSettled([ask('a'), ask('b')]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});
