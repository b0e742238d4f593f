import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag } from '~/api/types';
import type { Draft } from './draft';
import { patchOf } from './resolve';

/** Contexts that are looked at: the most recent ones. */
const LATEST = 10_000;
/** New contexts are seen all the time. */
const AGAIN_MS = 30_000;

/** How many of the contexts that were seen lately each part decides for. */
export interface Matches {
  evaluated: number;
  targets: number;
  fallthrough: number;
  /** By the position of the rule. */
  rules: number[];
}

/** What the draft would do to contexts seen lately, as if the flag were on. Nothing is saved by asking. */
export function useMatches(
  project: string,
  env: string,
  flag: Flag,
  base: Draft,
  draft: Draft | undefined,
): Matches | undefined {
  const queries = useQueryClient();
  const [calm] = useDebouncedValue(draft, 500);
  const path = `/api/v2/projects/${enc(project)}/environments/${enc(env)}/flags/${enc(flag.key)}/what-if`;
  const answer = useQuery({
    queryKey: ['matches', project, env, flag.key, flag.environments?.[env]?.version, calm],
    queryFn: async ({ signal }) => {
      const patch = calm ? await patchOf(queries, project, flag, base, calm) : [];
      const instructions = [...patch, { kind: 'turnFlagOn' }];
      const body = { instructions, limit: LATEST, samples: 0 };
      return matchesOf(await send<Schemas['WhatIf']>('POST', path, body, false, { signal }));
    },
    enabled: !flag.archived && calm !== undefined,
    placeholderData: keepPreviousData,
    staleTime: AGAIN_MS,
    refetchInterval: AGAIN_MS,
    retry: false,
  });
  return answer.data;
}

export function matchesOf({ evaluated, decided }: Pick<Schemas['WhatIf'], 'evaluated' | 'decided'>): Matches {
  const matches: Matches = { evaluated, targets: 0, fallthrough: 0, rules: [] };
  for (const { count, reason } of decided) {
    const { kind, ruleIndex = 0 } = reason as { kind: string; ruleIndex?: number };
    if (kind === 'TARGET_MATCH') matches.targets += count;
    else if (kind === 'FALLTHROUGH') matches.fallthrough += count;
    else if (kind === 'RULE_MATCH') matches.rules[ruleIndex] = (matches.rules[ruleIndex] ?? 0) + count;
  }
  return matches;
}
