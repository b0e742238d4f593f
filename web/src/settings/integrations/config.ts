import type { Schemas } from '~/api/client';

/** What was given for the variables of an integration; what was left empty is left out. */
export function configOf(
  variables: Pick<Schemas['FormVariable'], 'key'>[],
  typed: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    variables.map(({ key }) => [key, typed[key]]).filter(([, value]) => value !== undefined && value !== ''),
  );
}
