import { expect, test } from 'vitest';
import { Encoded, hclConfig, hclStatements, terraform } from './terraform';

test('a resource is written with what is nested as attributes', () => {
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
  policy_statements = [{
    effect    = "allow"
    actions   = ["updateOn"]
    resources = ["proj/*:env/*:flag/*"]
  }]
}
`);
});

test('what is not given is left out, what is empty is not, and a name begins with a letter', () => {
  expect(terraform('webhook', '1st', { url: 'https://x', name: '', on: false, secret: undefined })).toBe(
    'resource "launchdarkly_webhook" "_1st" {\n  url  = "https://x"\n  name = ""\n  on   = false\n}\n',
  );
});

test('objects stand in maps, in lists and as JSON', () => {
  const two = [{ value: 'true' }, { value: 'false' }];
  expect(
    terraform('x', 'x', { environments: { 'a b': { color: 'fff' } }, two, config: new Encoded({ port: 1 }) }),
  ).toBe(`resource "launchdarkly_x" "x" {
  environments = {
    "a b" = {
      color = "fff"
    }
  }
  two = [{
    value = "true"
  }, {
    value = "false"
  }]
  config = jsonencode({
    port = 1
  })
}
`);
});

test('what an integration is configured with is text by names in snake case', () => {
  expect(hclConfig({ hostUrl: 'https://x', batchSize: 5 })).toEqual({
    host_url: 'https://x',
    batch_size: '5',
  });
});
