import { variationColor } from './variation';

/** A diamond in the variation's colour; its name is always beside it. */
export function VariationDot({ index, size = 11 }: { index: number | undefined; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden style={{ flex: 'none' }}>
      <path d="M6 0.5 11.5 6 6 11.5 0.5 6Z" fill={variationColor(index)} />
    </svg>
  );
}
