import type { Icon } from '@tabler/icons-react';

/** The mark of an empty list. */
export function EmptyIcon({ of: Icon }: { of: Icon }) {
  return <Icon size={36} stroke={1.4} color="var(--muted)" aria-hidden />;
}
