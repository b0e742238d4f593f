import { expect, test } from 'vitest';
import { hclStatements, terraform } from './terraform';

test('a resource is written with its members in line, and lists of objects as blocks', () => {
  const policy = [{ effect: 'allow', actions: ['updateOn'], resources: ['proj/*:env/*:flag/*'] }];
  expect(
    terraform('custom_role', 'ops-team', {
      key: 'ops',
      name: 'Say "hi" ${x}',
      policy_statements: hclStatements(policy),
    }),
  ).toBe(`resource "launchdarkly_custom_role" "ops_team" {
  key  = "ops"
  name = "Say \\"hi\\" $\${x}"

  policy_statements {
    effect    = "allow"
    actions   = ["updateOn"]
    resources = ["proj/*:env/*:flag/*"]
  }
}
`);
});

test('what is not given is left out, what is empty is not, and a name begins with a letter', () => {
  expect(terraform('webhook', '1st', { url: 'https://x', name: '', on: false, secret: undefined })).toBe(
    'resource "launchdarkly_webhook" "_1st" {\n  url  = "https://x"\n  name = ""\n  on   = false\n}\n',
  );
});
