import classes from './charts.module.css';

const WIDTH = 28;
const HEIGHT = 14;

/** A line of a few numbers; what it says is told beside it, or by `label`. */
export function Sparkline({ counts, label }: { counts: number[]; label: string }) {
  const most = Math.max(1, ...counts);
  const step = WIDTH / Math.max(1, counts.length - 1);
  const points = counts.map(
    (count, at) => `${round(at * step)},${round(HEIGHT - 1 - (count / most) * (HEIGHT - 2))}`,
  );
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
      className={classes.spark}
    >
      <path d={`M0,${HEIGHT}L${points.join('L')}L${WIDTH},${HEIGHT}Z`} className={classes.sparkArea} />
      <path d={`M${points.join('L')}`} className={classes.sparkLine} />
    </svg>
  );
}

const round = (value: number) => Math.round(value * 10) / 10;
