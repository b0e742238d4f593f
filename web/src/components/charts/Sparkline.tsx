interface Props {
  values: (number | null)[];
  /** What it shows, in words, for those who do not see it. */
  label: string;
  width?: number;
  height?: number;
  color?: string;
}

/** A line without axes that fits into a row of a table. */
export function Sparkline({ values, label, width = 84, height = 22, color = 'var(--accent)' }: Props) {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  const step = values.length > 1 ? (width - 4) / (values.length - 1) : 0;
  const points = values.map((value, index) => {
    const y = height - 3 - ((value ?? 0) / most) * (height - 6);
    return `${(2 + index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  const line = points.length > 0 ? `M${points.join('L')}` : '';
  const end = (2 + (values.length - 1) * step).toFixed(1);
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: 'block' }}>
      {line && (
        <>
          <path d={`${line}L${end} ${height - 2}L2 ${height - 2}Z`} fill={color} opacity={0.13} />
          <path d={line} fill="none" stroke={color} strokeWidth={1.5} strokeLinejoin="round" />
        </>
      )}
    </svg>
  );
}
