import { queryOptions } from '@tanstack/react-query';
import { send } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag } from '~/api/types';
import { draftOf, type Draft, type Serve } from '~/targeting/draft';

/** A flag as it was at a moment. What was does not change. */
export function pastFlagQuery(project: string, flag: string, at: number) {
  return queryOptions({
    queryKey: ['past', project, 'flag', flag, at],
    queryFn: ({ signal }) =>
      send<Flag>('GET', `/api/v2/flags/${enc(project)}/${enc(flag)}?asOf=${at}`, undefined, false, {
        signal,
      }),
    staleTime: Infinity,
    retry: false,
  });
}

/** What a flag did in an environment, said with the variations of today; those that are gone are named. */
export function translated(past: Flag, now: Flag, env: string): { draft: Draft; gone: string[] } | undefined {
  const config = past.environments?.[env];
  if (!config) return undefined;
  const gone = new Set<string>();
  const at = (index: number) => {
    const old = past.variations[index];
    const place = now.variations.findIndex((one) => one._id === old?._id);
    if (place < 0) gone.add(old?.name || JSON.stringify(old?.value));
    return Math.max(0, place);
  };
  const serve = ({ variation, rollout }: Serve): Serve =>
    rollout
      ? {
          rollout: {
            ...rollout,
            weights: rollout.weights.map((one) => ({ ...one, variation: at(one.variation) })),
          },
        }
      : { variation: at(variation ?? 0) };
  const old = draftOf(config);
  const draft: Draft = {
    ...old,
    targets: old.targets.map((target) => ({ ...target, variation: at(target.variation) })),
    rules: old.rules.map((rule) => ({ ...rule, serve: serve(rule.serve) })),
    fallthrough: serve(old.fallthrough),
    offVariation: old.offVariation === undefined ? undefined : at(old.offVariation),
  };
  return { draft, gone: [...gone] };
}
