import { useElementSize } from '@mantine/hooks';
import { scaleBand, scaleLinear } from '@visx/scale';
import { BarStack } from '@visx/shape';
import { useState } from 'react';
import { useIntl } from 'react-intl';
import { useText } from '~/i18n/text';
import type { Band } from './scale';
import classes from './charts.module.css';

const HEIGHT = 240;
const MARGIN = { top: 8, right: 4, bottom: 26, left: 52 };
/** Room a label of a time needs. */
const LABEL = 76;

interface Props {
  label: string;
  times: number[];
  bands: Band[];
  /** How a time is written below the bars. */
  tick: (time: number) => string;
}

/** Counts over time, stacked. The numbers themselves are in the table beside it, for those who do not see bars. */
export function BarChart({ label, times, bands, tick }: Props) {
  const t = useText();
  const intl = useIntl();
  const { ref, width } = useElementSize();
  const [at, setAt] = useState<number>();
  const inner = Math.max(0, width - MARGIN.left - MARGIN.right);
  const rows = times.map((time, index) => ({
    time,
    ...Object.fromEntries(bands.map((band) => [band.id, band.counts[index] ?? 0])),
  }));
  const totals = times.map((_, index) => bands.reduce((all, band) => all + (band.counts[index] ?? 0), 0));
  const x = scaleBand({ domain: times, range: [0, inner], padding: times.length > 40 ? 0.15 : 0.3 });
  const y = scaleLinear({
    domain: [0, Math.max(1, ...totals)],
    range: [HEIGHT - MARGIN.top - MARGIN.bottom, 0],
    nice: true,
  });
  const every = Math.max(1, Math.ceil((times.length * LABEL) / Math.max(1, inner)));
  const colors: Record<string, string> = Object.fromEntries(bands.map((band) => [band.id, band.color]));
  const chosen = at === undefined ? undefined : times[at];
  return (
    <div className={classes.frame} ref={ref}>
      <svg
        className={classes.chart}
        height={HEIGHT}
        role="img"
        aria-label={t('{label}: {count, number} in all', { label, count: totals.reduce((a, b) => a + b, 0) })}
        onMouseLeave={() => setAt(undefined)}
      >
        <g transform={`translate(${MARGIN.left},${MARGIN.top})`}>
          {y.ticks(4).map((value) => (
            <g key={value} transform={`translate(0,${y(value)})`}>
              <line x2={inner} className={classes.grid} />
              <text x={-8} dy="0.32em" textAnchor="end" className={classes.tick}>
                {intl.formatNumber(value, { notation: 'compact' })}
              </text>
            </g>
          ))}
          <BarStack
            data={rows}
            keys={bands.map((band) => band.id)}
            x={(row) => row.time}
            xScale={x}
            yScale={y}
            color={(id) => colors[id] ?? '#888888'}
          />
          {times.map((time, index) => (
            <g key={time} transform={`translate(${x(time) ?? 0},0)`}>
              <rect
                className={classes.hover}
                data-at={index === at || undefined}
                width={x.bandwidth()}
                height={HEIGHT - MARGIN.top - MARGIN.bottom}
                onMouseEnter={() => setAt(index)}
              />
              {index % every === 0 && (
                <text
                  x={x.bandwidth() / 2}
                  y={HEIGHT - MARGIN.top - 6}
                  textAnchor="middle"
                  className={classes.tick}
                >
                  {tick(time)}
                </text>
              )}
            </g>
          ))}
        </g>
      </svg>
      {chosen !== undefined && at !== undefined && (
        <div
          className={classes.tip}
          style={{
            left: Math.min(MARGIN.left + (x(chosen) ?? 0) + x.bandwidth() + 6, Math.max(0, width - 210)),
          }}
        >
          <div>{intl.formatDate(chosen, { dateStyle: 'medium', timeStyle: 'short' })}</div>
          {bands
            .filter((band) => (band.counts[at] ?? 0) > 0)
            .map((band) => (
              <div className={classes.tipRow} key={band.id}>
                <Dot color={band.color} />
                {band.label}
                <b>{intl.formatNumber(band.counts[at] ?? 0)}</b>
              </div>
            ))}
        </div>
      )}
    </div>
  );
}

export function Dot({ color }: { color: string }) {
  return (
    <svg width={11} height={11} viewBox="0 0 12 12" aria-hidden style={{ flex: 'none' }}>
      <path d="M6 0.5 11.5 6 6 11.5 0.5 6Z" fill={color} />
    </svg>
  );
}
