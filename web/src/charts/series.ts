import type { Schemas } from '~/api/client';

/** One line or one kind of bar: a value for each time, null where there is none. */
export interface Series {
  name: string;
  values: (number | null)[];
  /** Its own colour; that of its place without it. */
  color?: string;
}

export interface SeriesOverTime {
  /** In milliseconds since 1970, ascending. */
  times: number[];
  series: Series[];
}

/** A list of series as the API answers it. `name` words what a series is about; none for the only one. */
export function linesOf(
  list: Pick<Schemas['SeriesListRep'], 'metadata' | 'series'>,
  name: (about: Record<string, unknown>) => string,
): SeriesOverTime {
  const points = [...list.series].sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
  const count = Math.max(list.metadata.length, points.length > 0 ? 1 : 0);
  return {
    times: points.map((point) => point.time ?? 0),
    series: Array.from({ length: count }, (_, index) => ({
      name: name((list.metadata[index] ?? {}) as Record<string, unknown>),
      values: points.map((point) => point[String(index)] ?? null),
    })),
  };
}

/** As they are; where they are too many to be told apart, the largest few, and the others together at the end. */
export function largest({ times, series }: SeriesOverTime, most: number, others: string): SeriesOverTime {
  if (series.length <= most) return { times, series };
  const ranked = [...series].sort((a, b) => sum(b) - sum(a));
  const rest = ranked.slice(most - 1);
  const values = times.map((_, index) => rest.reduce((all, one) => all + (one.values[index] ?? 0), 0));
  return { times, series: [...ranked.slice(0, most - 1), { name: others, values, color: OTHERS }] };
}

const OTHERS = '#8492a0';

export function sum({ values }: Pick<Series, 'values'>): number {
  return values.reduce<number>((all, value) => all + (value ?? 0), 0);
}
