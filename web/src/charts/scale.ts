/** The series that are drawn each in a colour of their own; the others are drawn as one. */
export const MOST_SERIES = 8;

/** One kind of bar: what it is called, its colour, its counts over time. */
export interface Band {
  id: string;
  label: string;
  color: string;
  counts: number[];
}

export function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** As they are; where they are too many, the largest first and the others as one band at the end. */
export function foldBands(bands: Band[], others: { label: string; color: string }): Band[] {
  if (bands.length <= MOST_SERIES) return bands;
  const sorted = [...bands].sort((a, b) => sum(b.counts) - sum(a.counts));
  const rest = sorted.slice(MOST_SERIES - 1);
  const counts = (rest[0]?.counts ?? []).map((_, at) =>
    rest.reduce((total, band) => total + (band.counts[at] ?? 0), 0),
  );
  return [...sorted.slice(0, MOST_SERIES - 1), { id: 'others', counts, ...others }];
}
