import { LinePath } from '@visx/shape';
import type { Stroke } from './strokes';

interface Point {
  x: number;
  /** None where there is no value. */
  y: number | null;
}

interface Props {
  points: Point[];
  stroke: Stroke;
  /** The place that is pointed at. */
  at: number | undefined;
}

/** A line with gaps where there is no value. A value without neighbours is a dot. */
export function Line({ points, stroke: { color, dash }, at }: Props) {
  const alone = (index: number) =>
    (points[index - 1]?.y ?? null) === null && (points[index + 1]?.y ?? null) === null;
  return (
    <>
      <LinePath
        data={points}
        defined={({ y }) => y !== null}
        x={({ x }) => x}
        y={({ y }) => y ?? 0}
        stroke={color}
        strokeWidth={1.75}
        strokeDasharray={dash.join(' ')}
        strokeLinejoin="round"
      />
      {points.map(
        ({ x, y }, index) =>
          y !== null &&
          (index === at || alone(index)) && <circle key={index} cx={x} cy={y} r={3.5} fill={color} />,
      )}
    </>
  );
}
