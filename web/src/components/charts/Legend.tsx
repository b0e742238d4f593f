import { Text } from '@mantine/core';
import type { LineSeries } from './series';
import { strokeOf } from './strokes';
import classes from './charts.module.css';

interface Props {
  series: LineSeries[];
  /** What is said of one beside its name. */
  value: (series: LineSeries) => string;
}

/** Names the lines, each with a piece of it. */
export function Legend({ series, value }: Props) {
  return (
    <ul className={classes.legend}>
      {series.map((one, index) => {
        const { color, dash } = strokeOf(index);
        return (
          <li key={`${index}-${one.name}`}>
            <svg width={22} height={8} aria-hidden style={{ flex: 'none' }}>
              <path d="M1 4H21" stroke={color} strokeWidth={2.25} strokeDasharray={dash.join(' ')} />
            </svg>
            <Text size="sm">{one.name}</Text>
            <Text size="sm" fw={600} style={{ fontVariantNumeric: 'tabular-nums' }}>
              {value(one)}
            </Text>
          </li>
        );
      })}
    </ul>
  );
}
