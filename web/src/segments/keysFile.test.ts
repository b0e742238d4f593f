import { expect, test } from 'vitest';
import { keysOfFile, membersDiff } from './keysFile';

test('files are read as the server reads them', () => {
  const csv = '\uFEFFann\r\nbob\n\n"c,d"\n"say ""hi"""\nann\n';
  expect([...keysOfFile('keys.csv', csv)]).toEqual(['ann', 'bob', 'c,d', 'say "hi"']);
  expect([...keysOfFile('KEYS.JSON', '["ann","bob","ann"]')]).toEqual(['ann', 'bob']);
  expect(() => keysOfFile('keys.json', '[1]')).toThrow();
});

test('replacing takes away what the file does not have, merging does not', () => {
  const [members, file] = [new Set(['ann', 'bob', 'cid']), new Set(['bob', 'dora'])];
  expect(membersDiff(members, file, 'merge')).toEqual({ added: ['dora'], removed: [], same: 1 });
  expect(membersDiff(members, file, 'replace')).toEqual({
    added: ['dora'],
    removed: ['ann', 'cid'],
    same: 1,
  });
});
