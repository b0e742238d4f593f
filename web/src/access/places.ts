import type { Needs } from './questions';
import { useMay, type May } from './useMay';
import { useEnvironments } from '~/shell/place';

/** Who may have the record of changes verified. */
export const VERIFY: Needs = ['updateOrganization', 'acct'];

/** An action on a flag in one environment; on any flag without a key. */
export function onFlag(action: string, project: string, env: string, flag = '*'): Needs {
  return [action, `proj/${project}:env/${env}:flag/${flag}`];
}

/** An action on a segment; on any without a key. */
export function onSegment(action: string, project: string, env: string, segment = '*'): Needs {
  return [action, `proj/${project}:env/${env}:segment/${segment}`];
}

/** What is the same in all environments is changed by who may do so in each. */
export function useEverywhere(project: string, flag?: string) {
  const environments = useEnvironments(project);
  return (...actions: string[]): Needs[] =>
    actions.flatMap((action) => environments.map(({ key }) => onFlag(action, project, key, flag)));
}

/**
 * Whether something may be done with one of many flags. All of them are asked about first: of who may do it with any,
 * nothing is asked for each.
 */
export function useMayFlag(action: string, project: string, env: string, flag: string): May {
  const any = useMay(onFlag(action, project, env));
  const some = any.allowed === false;
  const one = useMay(some ? onFlag(action, project, env, flag) : undefined);
  return some ? one : any;
}
