import type { Flag } from '~/api/types';
import { same } from '~/forms/threeWay';
import { draftOf, type Draft } from '~/targeting/draft';

/** What can be copied, by the action that changes it. */
export const PARTS = {
  updateOn: 'on',
  updatePrerequisites: 'prerequisites',
  updateTargets: 'targets',
  updateRules: 'rules',
  updateFallthrough: 'fallthrough',
  updateOffVariation: 'offVariation',
} as const satisfies Record<string, keyof Draft>;

export type Part = keyof typeof PARTS;

const NOTHING: Draft = { on: false, prerequisites: [], targets: [], rules: [], fallthrough: {} };

/** What a flag does in an environment. */
export function targeting(flag: Flag, env: string): Draft {
  const config = flag.environments?.[env];
  return config ? draftOf(config) : NOTHING;
}

/** What it does in `to` once parts of what it does in `from` are copied there. */
export function copied(flag: Flag, from: string, to: string, parts: Part[]): Draft {
  const source = targeting(flag, from);
  const chosen = parts.map((part) => [PARTS[part], source[PARTS[part]]]);
  return { ...targeting(flag, to), ...(Object.fromEntries(chosen) as Partial<Draft>) };
}

/** Whether the same would be copied over the same. */
export function sameCopy(seen: Flag, now: Flag, from: string, to: string, parts: Part[]): boolean {
  const concerned = (flag: Flag) =>
    parts.flatMap((part) => [from, to].map((env) => targeting(flag, env)[PARTS[part]]));
  return same(concerned(seen), concerned(now));
}
