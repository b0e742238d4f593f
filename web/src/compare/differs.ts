import type { Flag, FlagConfig } from '~/api/types';
import { variationName } from '~/flags/variation';
import type { Text } from '~/i18n/text';

/** Whether a flag does not do the same in two environments, as far as the list tells. */
export function differs(flag: Flag, a: string, b: string): boolean {
  const state = (config: FlagConfig | undefined) => JSON.stringify([config?.on, config?._summary]);
  return state(flag.environments?.[a]) !== state(flag.environments?.[b]);
}

/** What a flag does in an environment, in a line. */
export function summary(t: Text, flag: Flag, env: string): { on: boolean; text: string } {
  const config = flag.environments?.[env];
  if (!config) return { on: false, text: '–' };
  const entries = Object.entries(config._summary.variations);
  const rules = entries.reduce((sum, [, one]) => sum + one.rules, 0);
  const targets = entries.reduce((sum, [, one]) => sum + one.targets + one.contextTargets, 0);
  const served = entries.find(([, one]) => (config.on ? one.isFallthrough : one.isOff))?.[0];
  const shares = entries.filter(([, one]) => one.rollout != null);
  const first =
    config.on && shares.length > 0
      ? shares
          .map(
            ([index, one]) =>
              `${(one.rollout ?? 0) / 1000} % ${variationName(flag.variations[Number(index)])}`,
          )
          .join(', ')
      : served === undefined
        ? t('code default')
        : variationName(flag.variations[Number(served)]);
  const parts = [
    first,
    rules > 0 ? t('rules') : '',
    targets > 0 ? t('{count, plural, one {# target} other {# targets}}', { count: targets }) : '',
  ];
  return { on: config.on, text: parts.filter(Boolean).join(' · ') };
}
