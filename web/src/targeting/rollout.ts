import { WHOLE } from './draft';

export interface Weight {
  variation: number;
  weight: number;
}

/** Everything to as many equal parts, the rest to the first. */
export function evenly(variations: number): Weight[] {
  const part = Math.floor(WHOLE / variations);
  return Array.from({ length: variations }, (_, variation) => ({
    variation,
    weight: part + (variation === 0 ? WHOLE - part * variations : 0),
  }));
}

/** Sets one weight; the others give or take in proportion to what they have, so that all stay whole. */
export function withWeight(weights: Weight[], variation: number, weight: number): Weight[] {
  const set = Math.min(WHOLE, Math.max(0, Math.round(weight)));
  const others = weights.filter((one) => one.variation !== variation);
  if (others.length === 0) return [{ variation, weight: WHOLE }];
  const had = others.reduce((sum, one) => sum + one.weight, 0);
  const rest = WHOLE - set;
  let left = rest;
  const shared = others.map((one, at) => {
    const part = had === 0 ? rest / others.length : (one.weight / had) * rest;
    const given = at === others.length - 1 ? left : Math.min(left, Math.round(part));
    left -= given;
    return { ...one, weight: given };
  });
  return weights.map((one) =>
    one.variation === variation
      ? { ...one, weight: set }
      : (shared.find((s) => s.variation === one.variation) ?? one),
  );
}

export function total(weights: Weight[]): number {
  return weights.reduce((sum, one) => sum + one.weight, 0);
}

/** A weight in percent, with three digits at most. */
export function percent(weight: number): number {
  return Math.round(weight) / 1000;
}
