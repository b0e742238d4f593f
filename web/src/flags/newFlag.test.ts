import { expect, test } from 'vitest';
import { firstVariations, flagTerraform, type FlagForm } from './newFlag';

const form: FlagForm = {
  name: 'Say ${x}',
  key: '2-lamps',
  description: '%{if}',
  type: 'boolean',
  variations: firstVariations('boolean'),
  on: 0,
  off: 1,
  tags: ['web'],
  temporary: true,
  mobile: false,
  client: true,
  migration: { stageCount: 4, contextKind: '' },
};

test('a new flag is a resource of Terraform, which evaluates nothing of what was typed', () => {
  const text = flagTerraform('shop', form);
  expect(text).toContain('resource "launchdarkly_feature_flag" "_2_lamps" {');
  expect(text).toMatch(/name +. "Say \$\$\{x\}"/);
  expect(text).toMatch(/description +. "%%\{if\}"/);
  expect(text).toContain('  variations {\n    value = "true"\n  }');
  expect(flagTerraform('shop', { ...form, type: 'migration' })).toBeUndefined();
});
