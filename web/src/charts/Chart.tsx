import { Button, Group, Skeleton, Stack } from '@mantine/core';
import { IconChartLine, IconTable } from '@tabler/icons-react';
import { Suspense, useMemo, useState } from 'react';
import { useIntl } from 'react-intl';
import { useText } from '~/i18n/text';
import { Plot } from './fetched';
import { Legend, type Kind } from './Legend';
import { largest, sum, type Series, type SeriesOverTime } from './series';
import { SERIES_MAX } from './strokes';
import { ValueTable } from './ValueTable';

const HEIGHT = 240;

interface Props extends SeriesOverTime {
  /** What the chart shows, in words. */
  label: string;
  /** What the legend says of a line or a bar; its sum unless told. */
  total?: (series: Series) => number;
}

/** Lines over time, with their numbers at hand as a table. */
export function LineChart(props: Props) {
  return <Chart kind="lines" {...props} />;
}

/** Counts over time as bars, stacked, with their numbers at hand as a table. */
export function StackedChart(props: Props) {
  return <Chart kind="bars" {...props} />;
}

function Chart({ kind, label, times, series, total = sum }: Props & { kind: Kind }) {
  const t = useText();
  const intl = useIntl();
  const [table, setTable] = useState(false);
  const shown = useMemo(() => largest({ times, series }, SERIES_MAX, t('all others')), [times, series, t]);
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="flex-start" gap="md" wrap="nowrap">
        <Legend kind={kind} series={shown.series} value={(one) => intl.formatNumber(total(one))} />
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          style={{ flex: 'none' }}
          leftSection={table ? <IconChartLine size={15} aria-hidden /> : <IconTable size={15} aria-hidden />}
          onClick={() => setTable(!table)}
        >
          {table ? t('Chart') : t('Table')}
        </Button>
      </Group>
      {table ? (
        <ValueTable {...shown} label={label} />
      ) : (
        <Suspense fallback={<Skeleton h={HEIGHT} />}>
          <Plot kind={kind} label={label} height={HEIGHT} {...shown} />
        </Suspense>
      )}
    </Stack>
  );
}
