import type { Schemas } from '~/api/client';
import { terraform } from '~/ui/terraform';

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
  /** Views that it is in from the start. */
  views: string[];
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

export const FIRST: FlagForm = {
  name: '',
  key: '',
  description: '',
  type: 'boolean',
  variations: firstVariations('boolean'),
  on: 0,
  off: 1,
  tags: [],
  temporary: true,
  mobile: false,
  client: false,
  migration: { stageCount: 4, contextKind: '' },
  views: [],
};

export function flagBody(form: FlagForm): Schemas['FeatureFlagBody'] {
  const body = {
    name: form.name,
    key: form.key,
    ...(form.description ? { description: form.description } : {}),
    tags: form.tags,
    temporary: form.temporary,
    ...(form.views.length > 0 ? { viewKeys: form.views } : {}),
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

/** The same as a resource of the Terraform provider, which knows no flags of migrations. */
export function flagTerraform(project: string, form: FlagForm): string | undefined {
  const { key, name, description, type, variations, on, off, tags, temporary, mobile, client, views } = form;
  if (type === 'migration') return undefined;
  return terraform('feature_flag', key, {
    project_key: project,
    key,
    name,
    description: description || undefined,
    variation_type: type,
    temporary,
    tags,
    variations: variations.map(({ name, text }) => ({ value: text, name: name || undefined })),
    defaults: { on_variation: on, off_variation: off },
    view_keys: views.length > 0 ? views : undefined,
    client_side_availability: { using_environment_id: client, using_mobile_key: mobile },
  });
}
