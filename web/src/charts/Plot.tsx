import { useElementSize } from '@mantine/hooks';
import { scaleBand, scaleLinear, scaleTime } from '@visx/scale';
import { BarStack } from '@visx/shape';
import { useState, type PointerEvent } from 'react';
import { useIntl } from 'react-intl';
import { useText } from '~/i18n/text';
import type { Kind } from './Legend';
import { Line } from './Line';
import { sum, type SeriesOverTime } from './series';
import { strokeOf } from './strokes';
import { Tip } from './Tip';
import classes from './charts.module.css';

const MARGIN = { top: 8, right: 12, bottom: 26, left: 52 };
/** Room a label of a time needs. */
const LABEL = 76;
const DAY_MS = 86_400_000;
const TIP = 210;

export interface PlotProps extends SeriesOverTime {
  kind: Kind;
  label: string;
  height: number;
}

/** Axes with lines or bars. The numbers are in the tip and in the table that stands for the picture on request. */
export default function Plot({ kind, label, times, series, height }: PlotProps) {
  const t = useText();
  const intl = useIntl();
  const { ref, width } = useElementSize();
  const [at, setAt] = useState<number>();
  const inner = Math.max(0, width - MARGIN.left - MARGIN.right);
  const tall = height - MARGIN.top - MARGIN.bottom;
  const values = (index: number) => series.map((one) => one.values[index] ?? 0);
  const most = times.map((_, index) =>
    kind === 'bars' ? values(index).reduce((all, value) => all + value, 0) : Math.max(0, ...values(index)),
  );
  const y = scaleLinear({ domain: [0, Math.max(1, ...most)], range: [tall, 0], nice: true });
  const bands = scaleBand({ domain: times, range: [0, inner], padding: times.length > 40 ? 0.15 : 0.3 });
  const line = scaleTime({ domain: [times[0] ?? 0, times.at(-1) ?? 0], range: [0, inner] });
  const half = bands.bandwidth() / 2;
  const x = (time: number) => (kind === 'bars' ? (bands(time) ?? 0) + half : line(time));
  const every = Math.max(1, Math.ceil((times.length * LABEL) / Math.max(1, inner)));
  const ticks =
    kind === 'bars' || times.length < 2
      ? times.filter((_, index) => index % every === 0)
      : apart(line.ticks(Math.max(2, Math.floor(inner / LABEL))).map(Number), line);
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const tick = (time: number) =>
    span > 2 * DAY_MS
      ? intl.formatDate(time, { day: 'numeric', month: 'short' })
      : intl.formatTime(time, { hour: '2-digit', minute: '2-digit' });
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const pointed = event.clientX - event.currentTarget.getBoundingClientRect().left - MARGIN.left;
    setAt(nearest(times.map(x), pointed));
  };
  const chosen = at === undefined ? undefined : times[at];
  return (
    <div className={classes.frame} ref={ref} style={{ height }}>
      <svg
        className={classes.chart}
        height={height}
        role="img"
        aria-label={
          kind === 'bars'
            ? t('{label}: {count, number} in all', {
                label,
                count: series.reduce((all, one) => all + sum(one), 0),
              })
            : label
        }
        onPointerMove={point}
        onPointerLeave={() => setAt(undefined)}
      >
        <g transform={`translate(${MARGIN.left},${MARGIN.top})`}>
          {y
            .ticks(4)
            .filter(Number.isInteger)
            .map((value) => (
              <g key={value} transform={`translate(0,${y(value)})`}>
                <line x2={inner} className={classes.grid} />
                <text x={-8} dy="0.32em" textAnchor="end" className={classes.tick}>
                  {intl.formatNumber(value, { notation: 'compact' })}
                </text>
              </g>
            ))}
          {ticks.map((time) => (
            <text
              key={time}
              x={x(time)}
              y={tall + 20}
              // The last one would be cut off by the edge.
              textAnchor={inner - x(time) < LABEL / 3 ? 'end' : 'middle'}
              className={classes.tick}
            >
              {tick(time)}
            </text>
          ))}
          {chosen !== undefined &&
            (kind === 'bars' ? (
              <rect x={x(chosen) - half} width={2 * half} height={tall} className={classes.pointed} />
            ) : (
              <line x1={x(chosen)} x2={x(chosen)} y2={tall} className={classes.grid} />
            ))}
          {kind === 'bars' && inner > 0 && (
            <BarStack
              data={times.map((time, index) => ({ time, ...values(index) }))}
              keys={series.map((_, index) => String(index))}
              x={(row) => row.time}
              xScale={bands}
              yScale={y}
              color={(key) => strokeOf(Number(key), series[Number(key)]?.color).color}
            />
          )}
          {kind === 'lines' &&
            series.map((one, index) => (
              <Line
                key={index}
                points={times.map((time, n) => ({ x: x(time), y: placed(one.values[n], y) }))}
                stroke={strokeOf(index, one.color)}
                at={at}
              />
            ))}
        </g>
      </svg>
      {chosen !== undefined && at !== undefined && (
        <Tip
          kind={kind}
          time={chosen}
          series={series}
          at={at}
          left={Math.min(MARGIN.left + x(chosen) + half + 8, Math.max(0, width - TIP))}
        />
      )}
    </div>
  );
}

function placed(value: number | null | undefined, y: (value: number) => number): number | null {
  return value === null || value === undefined ? null : y(value);
}

/** Times without those whose labels would touch: the end of a month is near the next one's first day. */
function apart(times: number[], x: (time: number) => number): number[] {
  let last = -Infinity;
  return times.filter((time) => {
    const far = x(time) - last >= 0.6 * LABEL;
    if (far) last = x(time);
    return far;
  });
}

function nearest(places: number[], pointed: number): number | undefined {
  let best: number | undefined;
  for (const [index, place] of places.entries())
    if (best === undefined || Math.abs(place - pointed) < Math.abs((places[best] ?? 0) - pointed))
      best = index;
  return best;
}
