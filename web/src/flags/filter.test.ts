import { expect, test } from 'vitest';
import { formatFilter, parseFilter, valueOf, withValue, word } from './filter';

test('a filter is read and written as the server does', () => {
  const text = 'query:new checkout,tags:a+b,evaluated:{"after":1,"x":2},state:live';
  const terms = parseFilter(text);
  expect(terms.map((term) => term.field)).toEqual(['query', 'tags', 'evaluated', 'state']);
  expect(terms[2]?.value).toBe('{"after":1,"x":2}');
  expect(formatFilter(terms)).toBe(text);
});

test('what is no term is dropped', () => {
  expect(parseFilter('alone,:x,a:b:c')).toEqual([{ field: 'a', value: 'b:c' }]);
  expect(parseFilter(undefined)).toEqual([]);
});

test('one field is set, replaced and removed', () => {
  expect(withValue('tags:a', 'query', 'x')).toBe('tags:a,query:x');
  expect(withValue('tags:a,query:x', 'query', 'y')).toBe('tags:a,query:y');
  expect(withValue('query:x', 'query', '')).toBeUndefined();
  expect(valueOf('tags:a,query:x', 'query')).toBe('x');
});

test('typed text cannot become another term', () => {
  expect(word('a,state:archived')).toBe('a state:archived');
  expect(parseFilter(`query:${word('x,state:archived')}`)).toHaveLength(1);
});
