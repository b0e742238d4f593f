import type { Schemas } from './client';

export type Flag = Schemas['FeatureFlag'];
export type FlagConfig = Schemas['FeatureFlagConfig'];
export type Variation = Schemas['Variation'];
export type Rule = Schemas['Rule'];
export type Clause = Schemas['Clause'];
export type Rollout = Schemas['Rollout'];
export type Target = Schemas['Target'];
export type Prerequisite = Schemas['Prerequisite'];

/** What a semantic patch consists of; each kind has members of its own. */
export type Instruction = { kind: string } & Record<string, unknown>;

/** Where in the account a page is. */
export interface Place {
  project: string;
  env: string;
}
