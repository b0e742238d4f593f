import { useIntl } from 'react-intl';
import { Mark, type Kind } from './Legend';
import type { Series } from './series';
import classes from './charts.module.css';

interface Props {
  kind: Kind;
  time: number;
  series: Series[];
  /** Which of the values. */
  at: number;
  left: number;
}

/** The numbers of the time that is pointed at. */
export function Tip({ kind, time, series, at, left }: Props) {
  const intl = useIntl();
  return (
    <div className={classes.tip} style={{ left }}>
      <div>{intl.formatDate(time, { dateStyle: 'medium', timeStyle: 'short' })}</div>
      {series.map((one, index) => {
        const value = one.values[at] ?? null;
        if (value === null || (kind === 'bars' && value === 0)) return null;
        return (
          <div className={classes.tipRow} key={index}>
            <Mark kind={kind} index={index} color={one.color} />
            {one.name}
            <b>{intl.formatNumber(value)}</b>
          </div>
        );
      })}
    </div>
  );
}
