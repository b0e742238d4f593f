import { SegmentedControl, Select, SimpleGrid, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { projectsQuery } from '~/api/account';
import type { UsageSearch } from '~/app/search';
import { LineChart } from '~/charts/Chart';
import { linesOf } from '~/charts/series';
import { useText } from '~/i18n/text';
import { EmptyState } from '~/ui/EmptyState';
import { Panel } from '~/ui/Panel';
import { Listed } from '../Listed';
import { MEASURES, PEOPLE, sdksQuery } from './measures';
import { NotMeasured } from './NotMeasured';
import { SdkVersions } from './SdkVersions';
import { useMeasureWords } from './useMeasureWords';
import { useSeriesNames } from './useSeriesNames';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const route = getRouteApi('/settings/$section');

/** What SDKs used of this account, over time. What is charted is in the address. */
export function UsagePage() {
  const t = useText();
  const words = useMeasureWords();
  const projects = useQuery(projectsQuery).data?.items ?? [];
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const { measure: key = 'users', days = '30', project, sdk, group, sum } = search;
  const set = (change: UsageSearch) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const measure = MEASURES.find((one) => one.key === key) ?? PEOPLE;
  const groupBy = measure.groups.includes(group ?? '') ? group : undefined;
  const summed = measure.sums.includes(sum ?? '') ? sum : measure.sums[0];
  // By the hour, so that the answer can be kept.
  const [now] = useState(() => Math.ceil(Date.now() / HOUR_MS) * HOUR_MS);
  const choices = Object.entries(words.subjects).map(([subject, name]) => ({
    group: name,
    items: MEASURES.filter((one) => one.subject === subject).map(({ key }) => ({
      value: key,
      label: words.measures[key] ?? key,
    })),
  }));
  const unit = measure.seconds ? 1000 : 1;
  const asked = {
    from: String((now - Number(days) * DAY_MS) / unit),
    to: String(now / unit),
    ...(project && measure.inProject ? { projectKey: project } : {}),
    ...(sdk && measure.ofSdk ? { sdkName: sdk } : {}),
    ...(groupBy ? { groupBy } : {}),
    ...(summed ? { aggregationType: summed } : {}),
  };
  const query = useQuery({
    queryKey: ['account', 'usage', key, asked],
    queryFn: ({ signal }) => measure.read(asked, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const sdks = useQuery(sdksQuery).data?.sdks ?? [];
  const label = words.measures[key] ?? key;
  const name = useSeriesNames(label);
  const lines = useMemo(() => query.data && linesOf(query.data, name), [query.data, name]);
  return (
    <>
      <Panel
        title={t('Usage')}
        text={t('What SDKs used, as they told it by their events. It is counted here and sent to nobody.')}
        actions={
          <SegmentedControl
            aria-label={t('How far back')}
            value={days}
            onChange={(value) => set({ days: value === '30' ? undefined : value })}
            data={[
              { value: '7', label: t('7 days') },
              { value: '30', label: t('30 days') },
              { value: '90', label: t('90 days') },
            ]}
          />
        }
      >
        <SimpleGrid cols={{ base: 1, xs: 2, sm: 3 }} spacing="xs" mb="lg">
          <Select
            label={t('What')}
            data={choices}
            maxDropdownHeight={420}
            value={key}
            onChange={(value) => set({ measure: value === 'users' ? undefined : (value ?? undefined) })}
          />
          {measure.sums.length > 0 && (
            <Select
              label={t('Counted')}
              data={measure.sums.map((value) => ({ value, label: words.sums[value] ?? value }))}
              value={summed}
              onChange={(value) => set({ sum: value ?? undefined })}
            />
          )}
          {measure.groups.length > 0 && (
            <Select
              label={t('Told apart by')}
              clearable
              placeholder={t('nothing')}
              data={measure.groups.map((value) => ({ value, label: words.groups[value] ?? value }))}
              value={groupBy ?? null}
              onChange={(value) => set({ group: value ?? undefined })}
            />
          )}
          {measure.inProject && (
            <Select
              label={t('Project')}
              clearable
              placeholder={t('all')}
              data={projects.map((one) => ({ value: one.key, label: one.name }))}
              value={project ?? null}
              onChange={(value) => set({ project: value ?? undefined })}
            />
          )}
          {measure.ofSdk && (
            <Select
              label={t('SDK')}
              clearable
              placeholder={t('all')}
              data={sdks}
              value={sdk ?? null}
              onChange={(value) => set({ sdk: value ?? undefined })}
            />
          )}
        </SimpleGrid>
        <Listed query={query}>
          {() =>
            lines && lines.times.length > 0 && lines.series.length > 0 ? (
              <LineChart
                {...lines}
                label={label}
                total={measure.adds && summed !== 'month_to_date' ? undefined : newest}
              />
            ) : (
              <EmptyState
                title={t('Nothing was counted in this time')}
                text={t('Events of SDKs arrive within a minute.')}
              />
            )
          }
        </Listed>
        {!measure.adds && (
          <Text size="xs" c="dimmed" mt="xs">
            {t('The numbers beside the names are the newest.')}
          </Text>
        )}
      </Panel>
      <SdkVersions />
      <NotMeasured />
    </>
  );
}

function newest({ values }: { values: (number | null)[] }): number {
  return values.findLast((value) => value !== null) ?? 0;
}
