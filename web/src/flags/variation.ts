import type { Variation } from '~/api/types';

/** A variation's name, or its value. */
export function variationName(variation: Variation | undefined): string {
  if (!variation) return '?';
  if (variation.name) return variation.name;
  const text = typeof variation.value === 'string' ? variation.value : JSON.stringify(variation.value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text || '""';
}

/** A value as it is written. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

/** Colours of variations by their place. They are never alone: the name is beside them. */
export const VARIATION_COLORS = [
  '#0f8b8d',
  '#e5602d',
  '#7a5bd0',
  '#d59b12',
  '#2f74c0',
  '#c23f76',
  '#5a8f29',
  '#7b6a58',
];

export function variationColor(index: number | undefined): string {
  return VARIATION_COLORS[(index ?? 0) % VARIATION_COLORS.length] ?? '#888888';
}
