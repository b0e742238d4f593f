import { expect, test } from 'vitest';
import { FIRST, flagBody, flagTerraform, type FlagForm } from './newFlag';

const form: FlagForm = {
  ...FIRST,
  name: 'Say ${x}',
  key: '2-lamps',
  description: '%{if}',
  tags: ['web'],
  client: true,
};

test('a new flag is a resource of Terraform, which evaluates nothing of what was typed', () => {
  const text = flagTerraform('shop', form);
  expect(text).toContain('resource "launchdarkly_feature_flag" "_2_lamps" {');
  expect(text).toMatch(/name +. "Say \$\$\{x\}"/);
  expect(text).toMatch(/description +. "%%\{if\}"/);
  expect(text).toContain('  variations = [{\n    value = "true"\n  }, {\n    value = "false"\n  }]');
  expect(flagTerraform('shop', { ...form, type: 'migration' })).toBeUndefined();
});

test('an empty string is a value like any other, an empty name is none', () => {
  const variations = [
    { name: '', text: '' },
    { name: 'Hello', text: 'hello' },
  ];
  const text = flagTerraform('shop', { ...form, type: 'string', variations });
  expect(text).toContain(
    '  variations = [{\n    value = ""\n  }, {\n    value = "hello"\n    name  = "Hello"\n  }]',
  );
});

test('views are named where there are any', () => {
  expect(flagBody(form)).not.toHaveProperty('viewKeys');
  expect(flagBody({ ...form, views: ['checkout'] })).toMatchObject({ viewKeys: ['checkout'] });
});
