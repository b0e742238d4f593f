import { useMemo } from 'react';
import type { Flag } from '~/api/types';
import { draftOf, type Draft } from './draft';
import { merge } from './merge';
import { useStaged, type Staged } from './useStaged';

export type DraftState = Staged<Draft>;

const EMPTY: Draft = { on: false, prerequisites: [], targets: [], rules: [], fallthrough: { variation: 0 } };

/** The draft of a flag in an environment. */
export function useDraft(project: string, env: string, flag: Flag): DraftState {
  const config = flag.environments?.[env];
  const saved = useMemo(() => config && { version: config.version, draft: draftOf(config) }, [config]);
  return useStaged(`wigwag.draft/${project}/${env}/${flag.key}`, saved, merge, EMPTY);
}
