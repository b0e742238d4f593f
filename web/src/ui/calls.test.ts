import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asCli, asCurl } from './calls';

test('a call is written for a shell, with what is in quotes kept', () => {
  const call = {
    method: 'PATCH',
    path: '/api/v2/flags/shop/a',
    body: { comment: "it's" },
    semantic: true,
  } as const;
  expect(asCurl(call, 'http://at')).toBe(
    `curl -X PATCH 'http://at/api/v2/flags/shop/a' \\
  -H "Authorization: $WIGWAG_TOKEN" \\
  -H 'Content-Type: application/json; domain-model=launchdarkly.semanticpatch' \\
  -d '{
  "comment": "it'\\''s"
}'`,
  );
  expect(asCli(call)).toContain('ldcli flags update --project shop --flag a');
});

test('a file is sent as a form', () => {
  const form: [string, string][] = [
    ['mode', 'merge'],
    ['file', '@keys.csv'],
  ];
  expect(asCurl({ method: 'POST', path: '/x', form }, '')).toMatch(
    /-F 'mode=merge' \\\n {2}-F 'file=@keys.csv'$/,
  );
});

/** Dialogs that change nothing by the API of others: why each may be without its code. */
const WITHOUT = {
  'profile/SecondFactor.tsx': 'of the session only: tokens have no second factor',
  'ui/ConfirmByKey.tsx': 'handed on by those who use it',
};

test('every dialog that changes something can be copied as code', () => {
  const left = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tsx'))
    .filter((name) => {
      const text = readFileSync(join('src', name), 'utf8');
      return /<(FormDialog|ConfirmByKey)\b/.test(text) && !/<CopyAs\b/.test(text);
    });
  expect(left.sort()).toEqual(Object.keys(WITHOUT).sort());
});
