import { Group, SegmentedControl, Select, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { StackedChart } from '~/charts/Chart';
import { sum, type Series } from '~/charts/series';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { ErrorState } from '~/ui/ErrorState';
import { Panel } from '~/ui/Panel';
import { evaluationsQuery, type EvaluationCounts, type EvaluationSeries } from './life';
import { variationColor, variationName } from './variation';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NO_VARIATION = '#8492a0';
type By = 'variation' | 'sdkName' | 'sdkAppId';

/** How often a flag was evaluated, divided by what was served, by which SDK or for which application. */
export function EvaluationsChart({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  const t = useText();
  const [span, setSpan] = useState(6 * DAY);
  const [by, setBy] = useState<By>('variation');
  const query = useQuery(evaluationsQuery(project, env, flag.key, span, by === 'variation' ? undefined : by));
  const series = useNamed(flag, by, query.data);
  const total = series.reduce((all, one) => all + sum(one), 0);
  return (
    <Panel
      title={t('Evaluations')}
      text={t('As SDKs told of them in this environment.')}
      actions={
        <Group gap="xs">
          <SegmentedControl
            aria-label={t('Divided by')}
            value={by}
            onChange={(value) => setBy(value as By)}
            data={[
              { value: 'variation', label: t('Variation') },
              { value: 'sdkName', label: t('SDK') },
              { value: 'sdkAppId', label: t('Application') },
            ]}
          />
          <Select
            w={150}
            aria-label={t('Time')}
            value={String(span)}
            onChange={(value) => setSpan(Number(value))}
            data={[
              { value: String(HOUR), label: t('last hour') },
              { value: String(DAY), label: t('last day') },
              { value: String(6 * DAY), label: t('last 7 days') },
              { value: String(29 * DAY), label: t('last 30 days') },
            ]}
          />
        </Group>
      }
    >
      {query.isError ? (
        <ErrorState error={query.error} />
      ) : !query.data ? (
        <Skeleton h={284} />
      ) : total === 0 ? (
        <Text size="sm" c="dimmed">
          {t('No SDK asked for this flag in that time.')}
        </Text>
      ) : (
        <StackedChart label={t('Evaluations')} times={query.data.times} series={series} />
      )}
    </Panel>
  );
}

/** Series of the same name are one. */
function useNamed(flag: Flag, by: By, found: EvaluationCounts | undefined): Series[] {
  const t = useText();
  const name = (one: EvaluationSeries) => {
    if (by !== 'variation') return one[by] || t('not told');
    if (one.variation === null) return t('default in the code');
    return variationName(flag.variations[one.variation]);
  };
  const named = new Map<string, Series>();
  for (const one of found?.series ?? []) {
    const id = by === 'variation' ? String(one.variation) : (one[by] ?? '');
    const values = named.get(id)?.values.map((value, at) => (value ?? 0) + (one.counts[at] ?? 0));
    const color = one.variation === null ? NO_VARIATION : variationColor(one.variation);
    named.set(id, {
      name: name(one),
      values: values ?? one.counts,
      ...(by === 'variation' ? { color } : {}),
    });
  }
  return [...named.values()];
}
