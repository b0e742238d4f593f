import { useElementSize } from '@mantine/hooks';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import { useIntl } from 'react-intl';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Lines } from './series';
import { strokeOf } from './strokes';

export interface PlotProps extends Lines {
  height: number;
  /** The place of the time under the pointer, or none. */
  onPoint: (index: number | undefined) => void;
}

const DAY_MS = 86_400_000;

/** The canvas. It is fetched when the first chart is shown. */
export default function Plot({ times, series, height, onPoint }: PlotProps) {
  const intl = useIntl();
  const scheme = useComputedColorScheme('light');
  const { ref, width } = useElementSize();
  const data = useMemo(
    () => [times, ...series.map((one) => one.values)] as UPlot.AlignedData,
    [times, series],
  );
  useEffect(() => {
    const place = ref.current;
    if (!place || width === 0) return;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const day = { day: 'numeric', month: 'short' } as const;
    const hour = { hour: '2-digit', minute: '2-digit' } as const;
    const axis: UPlot.Axis = {
      stroke: color('--muted'),
      font: `11.5px ${style.getPropertyValue('--mantine-font-family')}`,
      grid: { stroke: color('--line'), width: 1 },
      ticks: { stroke: color('--line'), width: 1, size: 4 },
    };
    const dates: UPlot.Axis = {
      ...axis,
      grid: { show: false },
      size: 30,
      space: 72,
      values: (_, splits, __, ___, step) =>
        splits.map((at) => intl.formatDate(at, step >= DAY_MS ? day : hour)),
    };
    const numbers: UPlot.Axis = {
      ...axis,
      ticks: { show: false },
      size: 52,
      values: (_, splits) =>
        splits.map((value) =>
          Number.isInteger(value) ? intl.formatNumber(value, { notation: 'compact' }) : '',
        ),
    };
    const lines = series.map((_, index): UPlot.Series => {
      const { color, dash } = strokeOf(index);
      return { stroke: color, dash, width: 1.75, points: { show: times.length < 2, size: 6, fill: color } };
    });
    const plot = new UPlot(
      {
        width,
        height,
        ms: 1,
        series: [{}, ...lines],
        axes: [dates, numbers],
        scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] } },
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
        hooks: { setCursor: [(self) => onPoint(self.cursor.idx ?? undefined)] },
      },
      data,
      place,
    );
    return () => plot.destroy();
  }, [ref, width, height, data, series, times, scheme, intl, onPoint]);
  return <div ref={ref} style={{ height, overflow: 'hidden' }} />;
}
