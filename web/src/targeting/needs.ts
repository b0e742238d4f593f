import { onFlag } from '~/access/places';
import type { Needs } from '~/access/questions';
import { same } from '~/forms/threeWay';
import type { Draft } from './draft';

/** The actions by the part that they change. */
export const ACTIONS = {
  on: 'updateOn',
  prerequisites: 'updatePrerequisites',
  targets: 'updateTargets',
  rules: 'updateRules',
  fallthrough: 'updateFallthrough',
  offVariation: 'updateOffVariation',
} as const satisfies Record<keyof Draft, string>;

/** What has to be allowed to make `draft` of `base`. */
export function draftNeeds(base: Draft, draft: Draft, project: string, env: string, flag: string): Needs[] {
  const parts = Object.keys(ACTIONS) as (keyof Draft)[];
  return parts
    .filter((part) => !same(base[part], draft[part]))
    .map((part) => onFlag(ACTIONS[part], project, env, flag));
}
