import { expect, test } from 'vitest';
import { fromLocal, toLocal } from './local';

test('a time survives its field, to the second', () => {
  const at = Date.UTC(2026, 2, 29, 0, 59, 7);
  expect(fromLocal(toLocal(at))).toBe(at);
  expect(fromLocal(toLocal(at + 6 * 3_600_000))).toBe(at + 6 * 3_600_000);
});

test('what is not complete is no time', () => {
  expect(fromLocal('')).toBeUndefined();
  expect(fromLocal('2026-03')).toBe(Date.UTC(2026, 2));
  expect(fromLocal('yesterday')).toBeUndefined();
});
