import type { Flag, Instruction } from '~/api/types';
import { valueOfText, type FlagType, type VariationForm } from './newFlag';

/** A variation as it is edited; a new one has no id yet. */
export interface VariationRow extends VariationForm {
  id?: string;
}

export function typeOf(flag: Flag): FlagType {
  const value = flag.variations[0]?.value;
  if (flag.kind === 'boolean') return 'boolean';
  return typeof value === 'number' ? 'number' : typeof value === 'string' ? 'string' : 'json';
}

export function variationRows(flag: Flag): VariationRow[] {
  const type = typeOf(flag);
  return flag.variations.map((one) => ({
    id: one._id,
    name: one.name ?? '',
    text:
      typeof one.value === 'string' && type === 'string'
        ? one.value
        : JSON.stringify(one.value, null, type === 'json' ? 2 : undefined),
  }));
}

/** The instructions that make these rows of a flag's variations. */
export function variationChanges(flag: Flag, rows: VariationRow[]): Instruction[] {
  const type = typeOf(flag);
  const kept = new Set(rows.map((row) => row.id));
  const removed = flag.variations.filter((one) => !kept.has(one._id));
  return [
    ...rows.flatMap((row): Instruction[] => {
      const value = valueOfText(type, row.text);
      const old = flag.variations.find((one) => one._id === row.id);
      if (!old) return [{ kind: 'addVariation', value, ...(row.name ? { name: row.name } : {}) }];
      const sameValue = JSON.stringify(old.value) === JSON.stringify(value);
      if (sameValue && (old.name ?? '') === row.name) return [];
      return [
        { kind: 'updateVariation', variationId: old._id, name: row.name, ...(sameValue ? {} : { value }) },
      ];
    }),
    ...removed.map((one) => ({ kind: 'removeVariation', variationId: one._id })),
  ];
}
