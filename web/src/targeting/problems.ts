import { WHOLE, type Draft, type DraftClause } from './draft';
import { problemOf } from './operators';
import { total } from './rollout';

/** Conditions that cannot be saved as they are. */
export function incompleteClauses(clauses: DraftClause[]): DraftClause[] {
  return clauses.filter(
    (clause) =>
      clause.attribute === '' ||
      clause.values.length === 0 ||
      clause.values.some((value) => problemOf(clause.op, value) !== undefined),
  );
}

/** How many parts of a draft cannot be saved as they are. */
export function problemsOf(draft: Draft): number {
  const incomplete = incompleteClauses(draft.rules.flatMap((rule) => rule.clauses));
  const serves = [draft.fallthrough, ...draft.rules.map((rule) => rule.serve)];
  const uneven = serves.filter((serve) => serve.rollout && total(serve.rollout.weights) !== WHOLE);
  return incomplete.length + uneven.length;
}
