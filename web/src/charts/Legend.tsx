import { Text } from '@mantine/core';
import type { Series } from './series';
import { strokeOf } from './strokes';
import classes from './charts.module.css';

export type Kind = 'lines' | 'bars';

interface Props {
  kind: Kind;
  series: Series[];
  /** What is said of one beside its name. */
  value: (series: Series) => string;
}

/** Names the lines or bars, each with a piece of it. */
export function Legend({ kind, series, value }: Props) {
  return (
    <ul className={classes.legend}>
      {series.map((one, index) => (
        <li key={`${index}-${one.name}`}>
          <Mark kind={kind} index={index} color={one.color} />
          <Text size="sm">{one.name}</Text>
          <Text size="sm" fw={600} style={{ fontVariantNumeric: 'tabular-nums' }}>
            {value(one)}
          </Text>
        </li>
      ))}
    </ul>
  );
}

/** A piece of a line, or the diamond that stands for a variation everywhere. */
export function Mark({ kind, index, color }: { kind: Kind; index: number; color?: string }) {
  const stroke = strokeOf(index, color);
  if (kind === 'bars')
    return (
      <svg width={11} height={11} viewBox="0 0 12 12" aria-hidden style={{ flex: 'none' }}>
        <path d="M6 0.5 11.5 6 6 11.5 0.5 6Z" fill={stroke.color} />
      </svg>
    );
  return (
    <svg width={22} height={8} aria-hidden style={{ flex: 'none' }}>
      <path d="M1 4H21" stroke={stroke.color} strokeWidth={2.25} strokeDasharray={stroke.dash.join(' ')} />
    </svg>
  );
}
