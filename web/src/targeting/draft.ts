import type { Clause, FlagConfig, Prerequisite, Rollout, Rule, Target } from '~/api/types';

/** What is served: one variation, or a share of contexts each. */
export interface Serve {
  variation?: number;
  rollout?: { weights: { variation: number; weight: number }[]; bucketBy?: string; contextKind?: string };
}

export interface DraftClause {
  /** Of the server; new ones have an id that begins with `new-`. */
  id: string;
  contextKind: string;
  attribute: string;
  op: string;
  negate: boolean;
  values: unknown[];
}

export interface DraftRule {
  id: string;
  description: string;
  clauses: DraftClause[];
  serve: Serve;
}

export interface DraftTarget {
  contextKind: string;
  variation: number;
  values: string[];
}

/** What a flag does in one environment, as it is edited. */
export interface Draft {
  on: boolean;
  prerequisites: { key: string; variation: number }[];
  targets: DraftTarget[];
  rules: DraftRule[];
  fallthrough: Serve;
  offVariation?: number;
}

let count = 0;
/** An id for what the server does not know yet. */
export function freshId(): string {
  return `new-${++count}-${Math.random().toString(36).slice(2, 8)}`;
}

export function isNew(id: string) {
  return id.startsWith('new-');
}

/** All weights of a rollout add up to this. */
export const WHOLE = 100_000;

export function draftOf(config: FlagConfig): Draft {
  return {
    on: config.on,
    prerequisites: (config.prerequisites ?? []).map(({ key, variation }: Prerequisite) => ({
      key,
      variation,
    })),
    targets: targetsOf(config),
    rules: (config.rules ?? []).map(ruleOf),
    fallthrough: serveOf(config.fallthrough ?? {}),
    offVariation: config.offVariation ?? undefined,
  };
}

/** Those of kind `user` are listed apart; the place they hold among the others is empty. */
function targetsOf(config: FlagConfig): DraftTarget[] {
  const all: Target[] = [...(config.targets ?? []), ...(config.contextTargets ?? [])];
  return all
    .filter((target) => target.values.length > 0)
    .map(({ contextKind, variation, values }) => ({ contextKind: contextKind || 'user', variation, values }));
}

function ruleOf(rule: Rule): DraftRule {
  return {
    id: rule._id,
    description: rule.description ?? '',
    clauses: rule.clauses.map(clauseOf),
    serve: serveOf(rule),
  };
}

export function clauseOf(clause: Clause): DraftClause {
  return {
    id: clause._id,
    contextKind: clause.contextKind ?? (clause.op === 'segmentMatch' ? '' : 'user'),
    attribute: clause.attribute,
    op: clause.op,
    negate: clause.negate,
    values: clause.values,
  };
}

function serveOf(served: { variation?: number | null; rollout?: Rollout | null }): Serve {
  const { variation, rollout } = served;
  if (!rollout) return { variation: variation ?? 0 };
  return {
    rollout: {
      weights: rollout.variations.map(({ variation, weight }) => ({ variation, weight })),
      bucketBy: rollout.bucketBy ?? undefined,
      contextKind: rollout.contextKind ?? undefined,
    },
  };
}

export function newClause(contextKind = 'user'): DraftClause {
  return { id: freshId(), contextKind, attribute: '', op: 'in', negate: false, values: [] };
}

export function newRule(variation: number): DraftRule {
  return { id: freshId(), description: '', clauses: [newClause()], serve: { variation } };
}
