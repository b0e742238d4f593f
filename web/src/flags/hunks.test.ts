import { expect, test } from 'vitest';
import { hunkUrl, webAddress } from './hunks';

const branch = { name: 'main', head: 'abc' };

test('a template becomes the address of a line', () => {
  const hunkUrlTemplate = 'https://code.example/shop/blob/${sha}/${filePath}#L${lineNumber}';
  expect(hunkUrl({ hunkUrlTemplate }, branch, 'src/a.ts', 12)).toBe(
    'https://code.example/shop/blob/abc/src/a.ts#L12',
  );
});

test('nothing else than a web address becomes a link', () => {
  expect(hunkUrl({}, branch, 'a', 1)).toBeUndefined();
  expect(hunkUrl({ hunkUrlTemplate: 'javascript:alert(${lineNumber})' }, branch, 'a', 1)).toBeUndefined();
  expect(webAddress('HTTPS://x.example')).toBe('HTTPS://x.example');
});
