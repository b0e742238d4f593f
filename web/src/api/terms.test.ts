import { expect, test } from 'vitest';
import { termOf, termsOf, withTerm } from './terms';

test('terms are read, whatever their quotes', () => {
  expect(termsOf(`query equals "a, b",unbounded equals true,name contains 'it'`)).toEqual([
    { field: 'query', op: 'equals', value: 'a, b' },
    { field: 'unbounded', op: 'equals', value: 'true' },
    { field: 'name', op: 'contains', value: 'it' },
  ]);
  expect(termOf('query equals "say \\"hi\\""', 'query')).toBe('say "hi"');
  expect(termOf(undefined, 'query')).toBeUndefined();
});

test('one term is set or taken away, and the others stay as they were written', () => {
  const filter = 'tags anyOf ["a","b"],query equals "x"';
  expect(withTerm(filter, 'query', 'y')).toBe('tags anyOf ["a","b"],query equals "y"');
  expect(withTerm(filter, 'query', undefined)).toBe('tags anyOf ["a","b"]');
  expect(withTerm('query equals "x"', 'query', '')).toBeUndefined();
  expect(withTerm(undefined, 'name', 'say "hi"', 'contains')).toBe('name contains "say \\"hi\\""');
});

test('what is more than a comparison is kept', () => {
  const filter = '(name contains "a" | key contains "a")';
  expect(termsOf(filter)).toEqual([]);
  expect(withTerm(filter, 'tag', 'web')).toBe(`${filter},tag equals "web"`);
});
