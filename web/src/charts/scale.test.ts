import { expect, test } from 'vitest';
import { foldBands, MOST_SERIES, sum, type Band } from './scale';

const band = (id: string, ...counts: number[]): Band => ({ id, label: id, color: '#000', counts });

test('few stay in their order', () => {
  const bands = [band('a', 1, 1), band('b', 9, 0)];
  expect(foldBands(bands, { label: 'x', color: '' })).toBe(bands);
});

test('too many are folded into one, and nothing is lost', () => {
  const bands = Array.from({ length: 12 }, (_, n) => band(`b${n}`, n, 2 * n));
  const folded = foldBands(bands, { label: 'Others', color: '#999' });
  expect(folded).toHaveLength(MOST_SERIES);
  const last = folded.at(-1);
  expect([last?.id, last?.label]).toEqual(['others', 'Others']);
  expect(folded.reduce((total, one) => total + sum(one.counts), 0)).toBe(
    bands.reduce((total, one) => total + sum(one.counts), 0),
  );
});
