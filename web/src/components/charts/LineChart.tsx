import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconChartLine, IconTable } from '@tabler/icons-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useIntl } from 'react-intl';
import { useText } from '~/i18n/text';
import { Legend } from './Legend';
import { largest, sum, type Lines, type LineSeries } from './series';
import { LINES_MAX } from './strokes';
import { ValueTable } from './ValueTable';

const Plot = lazy(() => import('./Plot'));

interface Props extends Lines {
  /** What the chart shows, in words. */
  label: string;
  height?: number;
  /** What the legend says of a line while no time is pointed at; its sum unless told. */
  total?: (series: LineSeries) => number;
}

/** Lines over time, with their numbers at hand as a table. */
export function LineChart({ label, times, series, height = 220, total = sum }: Props) {
  const t = useText();
  const intl = useIntl();
  const [table, setTable] = useState(false);
  const [point, setPoint] = useState<number>();
  const lines = useMemo(() => largest({ times, series }, LINES_MAX, t('all others')), [times, series, t]);
  const value = (one: LineSeries) =>
    intl.formatNumber(point === undefined ? total(one) : (one.values[point] ?? 0));
  const at = point === undefined ? undefined : lines.times[point];
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="center" gap="md" wrap="nowrap">
        <Legend series={lines.series} value={value} />
        <Group gap="sm" wrap="nowrap">
          {at !== undefined && (
            <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              {intl.formatDate(at, { dateStyle: 'medium', timeStyle: 'short' })}
            </Text>
          )}
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            style={{ flex: 'none' }}
            leftSection={
              table ? <IconChartLine size={15} aria-hidden /> : <IconTable size={15} aria-hidden />
            }
            onClick={() => setTable(!table)}
          >
            {table ? t('Chart') : t('Table')}
          </Button>
        </Group>
      </Group>
      {table ? (
        <ValueTable {...lines} label={label} />
      ) : (
        <div role="img" aria-label={label}>
          <Suspense fallback={<Skeleton h={height} />}>
            <Plot {...lines} height={height} onPoint={setPoint} />
          </Suspense>
        </div>
      )}
    </Stack>
  );
}
