import { useIntl } from 'react-intl';
import type { Flag, FlagConfig } from '~/api/types';
import { useText } from '~/i18n/text';
import { variationName } from './variation';

/** What a flag serves in an environment, in a few words: by default, and to how many apart from that. */
export function useServes(flag: Flag, config: FlagConfig | undefined) {
  const t = useText();
  const intl = useIntl();
  if (!config) return { first: '' };
  const entries = Object.entries(config._summary.variations);
  const named = (index: string | undefined) => variationName(flag.variations[Number(index)]);
  const off = entries.find(([, one]) => one.isOff)?.[0];
  if (!config.on) return { first: off === undefined ? t('code default') : named(off) };
  const fallthrough = entries.find(([, one]) => one.isFallthrough)?.[0];
  const shares = entries.filter(([, one]) => one.rollout != null);
  const sum = (field: 'rules' | 'targets' | 'contextTargets') =>
    entries.reduce((total, [, one]) => total + one[field], 0);
  // A rule with percentages counts for each variation: the number would be wrong.
  const rules = sum('rules');
  const targets = sum('targets') + sum('contextTargets');
  const more = [
    rules > 0 ? t('rules') : '',
    targets > 0 ? t('{count, plural, one {# target} other {# targets}}', { count: targets }) : '',
  ];
  const largest = shares.sort(([, a], [, b]) => (b.rollout ?? 0) - (a.rollout ?? 0))[0];
  const first =
    shares.length > 0
      ? `${intl.formatNumber((largest?.[1].rollout ?? 0) / 1000)} % ${named(largest?.[0])}`
      : named(fallthrough);
  return { first, second: more.filter(Boolean).join(' · ') };
}
