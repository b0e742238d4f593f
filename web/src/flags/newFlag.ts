import type { Schemas } from '~/api/client';

export type FlagType = 'boolean' | 'string' | 'number' | 'json' | 'migration';

/** A variation as it is typed. */
export interface VariationForm {
  name: string;
  text: string;
  description?: string;
}

export interface FlagForm {
  name: string;
  key: string;
  description: string;
  type: FlagType;
  variations: VariationForm[];
  on: number;
  off: number;
  tags: string[];
  temporary: boolean;
  mobile: boolean;
  client: boolean;
  migration: Migration;
}

/** Stages of a migration, and whose share moves; the latter only where there are six stages. */
export interface Migration {
  stageCount: 2 | 4 | 6;
  contextKind: string;
}

export function firstVariations(type: FlagType): VariationForm[] {
  if (type === 'boolean')
    return [
      { name: '', text: 'true' },
      { name: '', text: 'false' },
    ];
  if (type === 'number')
    return [
      { name: '', text: '1' },
      { name: '', text: '2' },
    ];
  if (type === 'json')
    return [
      { name: '', text: '{}' },
      { name: '', text: '{ "new": true }' },
    ];
  return [
    { name: '', text: '' },
    { name: '', text: '' },
  ];
}

/** What was typed, as a value of the type; undefined where it is none. */
export function valueOfText(type: FlagType, text: string): unknown {
  if (type === 'string') return text;
  if (type === 'boolean') return text === 'true';
  if (type === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function flagBody(form: FlagForm): Schemas['FeatureFlagBody'] {
  const body = {
    name: form.name,
    key: form.key,
    ...(form.description ? { description: form.description } : {}),
    tags: form.tags,
    temporary: form.temporary,
    clientSideAvailability: { usingEnvironmentId: form.client, usingMobileKey: form.mobile },
  };
  if (form.type === 'migration') {
    return {
      ...body,
      purpose: 'migration',
      migrationSettings: {
        stageCount: form.migration.stageCount,
        ...(form.migration.stageCount === 6 ? { contextKind: form.migration.contextKind || 'user' } : {}),
      },
    } as Schemas['FeatureFlagBody'];
  }
  return {
    ...body,
    variations: form.variations.map(({ name, text }) => ({
      value: valueOfText(form.type, text),
      ...(name ? { name } : {}),
    })),
    defaults: { onVariation: form.on, offVariation: form.off },
  } as Schemas['FeatureFlagBody'];
}

/** The same as a resource of the Terraform provider. */
export function flagTerraform(project: string, form: FlagForm): string {
  const text = (value: string) => JSON.stringify(value).replaceAll('${', '$${');
  const variations = form.variations.map(
    ({ name, text: value }) =>
      `  variations {\n    value = ${text(value)}${name ? `\n    name  = ${text(name)}` : ''}\n  }`,
  );
  return [
    `resource "launchdarkly_feature_flag" ${text(form.key.replaceAll(/[^A-Za-z0-9_]/g, '_'))} {`,
    `  project_key    = ${text(project)}`,
    `  key            = ${text(form.key)}`,
    `  name           = ${text(form.name)}`,
    `  variation_type = ${text(form.type === 'migration' ? 'string' : form.type)}`,
    `  temporary      = ${form.temporary}`,
    `  tags           = [${form.tags.map(text).join(', ')}]`,
    ...variations,
    `  defaults {\n    on_variation  = ${form.on}\n    off_variation = ${form.off}\n  }`,
    '}',
  ].join('\n');
}
