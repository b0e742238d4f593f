/** Lines differ in colour and in dashes, so that no meaning is in colour alone. */
const COLORS = ['#0f8b8d', '#e5602d', '#7a5bd0', '#b97f08', '#2f74c0', '#c23f76', '#5a8f29', '#7b6a58'];
const DASHES: number[][] = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

/** Most lines that can be told apart. */
export const SERIES_MAX = COLORS.length;

export interface Stroke {
  color: string;
  dash: number[];
}

export function strokeOf(index: number, color = COLORS[index % COLORS.length] ?? '#7b6a58'): Stroke {
  return {
    color,
    dash: DASHES[index % DASHES.length] ?? [],
  };
}
