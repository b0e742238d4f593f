import { expect, test } from 'vitest';
import { titleParts, withoutMarks } from './title';

const title =
  '[Ann Lee](mailto:ann@example.com) turned on the flag [New \\[x\\]](/shop/~/features/new) in `Test`';

test('a sentence of the log falls into who and what', () => {
  expect(titleParts({ title, titleVerb: 'turned on the flag' })).toEqual({
    who: '[Ann Lee](mailto:ann@example.com)',
    what: '[New \\[x\\]](/shop/~/features/new) in `Test`',
  });
  expect(titleParts({ title, titleVerb: 'painted the flag' })).toBeUndefined();
  expect(titleParts({ title: 'Something else', titleVerb: 'turned on the flag' })).toBeUndefined();
});

test('it is read aloud without its marks', () => {
  expect(withoutMarks(title)).toBe('Ann Lee turned on the flag New [x] in Test');
});
