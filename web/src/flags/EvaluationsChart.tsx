import { Group, SegmentedControl, Select, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useIntl } from 'react-intl';
import { foldBands, sum, type Band } from '~/charts/scale';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { ErrorState } from '~/ui/ErrorState';
import { Panel } from '~/ui/Panel';
import { evaluationsQuery, type EvaluationCounts, type EvaluationSeries } from './life';
import { variationColor, variationName } from './variation';

const StackedChart = lazy(() => import('~/charts/StackedChart'));

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
type By = 'variation' | 'sdkName' | 'sdkAppId';

/** How often a flag was evaluated, divided by what was served, by which SDK or for which application. */
export function EvaluationsChart({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  const t = useText();
  const intl = useIntl();
  const [span, setSpan] = useState(6 * DAY);
  const [by, setBy] = useState<By>('variation');
  const query = useQuery(evaluationsQuery(project, env, flag.key, span, by === 'variation' ? undefined : by));
  const bands = useBands(flag, by, query.data);
  const total = bands.reduce((all, band) => all + sum(band.counts), 0);
  const tick = (time: number) =>
    span > 2 * DAY
      ? intl.formatDate(time, { day: 'numeric', month: 'short' })
      : intl.formatTime(time, { hour: '2-digit', minute: '2-digit' });
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
        <Suspense fallback={<Skeleton h={284} />}>
          <StackedChart label={t('Evaluations')} times={query.data.times} bands={bands} tick={tick} />
        </Suspense>
      )}
    </Panel>
  );
}

/** Series of the same name are one band. */
function useBands(flag: Flag, by: By, found: EvaluationCounts | undefined): Band[] {
  const t = useText();
  const label = (one: EvaluationSeries) => {
    if (by !== 'variation') return one[by] || t('not told');
    if (one.variation === null) return t('default in the code');
    return variationName(flag.variations[one.variation]);
  };
  const bands = new Map<string, Band>();
  for (const one of found?.series ?? []) {
    const id = by === 'variation' ? String(one.variation) : (one[by] ?? '');
    const old = bands.get(id);
    const counts = old ? old.counts.map((count, at) => count + (one.counts[at] ?? 0)) : one.counts;
    const color = by !== 'variation' ? variationColor(bands.size) : undefined;
    bands.set(id, {
      id: `b${id}`,
      label: label(one),
      color: old?.color ?? color ?? (one.variation === null ? '#8492a0' : variationColor(one.variation)),
      counts,
    });
  }
  return foldBands([...bands.values()], { label: t('others'), color: '#8492a0' });
}
