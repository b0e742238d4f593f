import { onSegment } from '~/access/places';
import type { Needs } from '~/access/questions';
import { same } from '~/forms/threeWay';
import type { SegmentDraft } from './segmentDraft';

/** The actions by the part that they change. */
export const ACTIONS = {
  included: 'updateIncluded',
  excluded: 'updateExcluded',
  rules: 'updateRules',
} as const satisfies Record<keyof SegmentDraft, string>;

/** What has to be allowed to make `draft` of `base`. */
export function segmentNeeds(
  base: SegmentDraft,
  draft: SegmentDraft,
  project: string,
  env: string,
  segment: string,
): Needs[] {
  const parts = Object.keys(ACTIONS) as (keyof SegmentDraft)[];
  return parts
    .filter((part) => !same(base[part], draft[part]))
    .map((part) => onSegment(ACTIONS[part], project, env, segment));
}
