import type { ReactNode } from 'react';
import { ActButton } from './ActButton';
import type { Needs } from './questions';

interface Props {
  /** What it does, with what: rows have the same word each. */
  label: string;
  needs?: Needs;
  onClick: () => void;
  /** Not there for who may not. */
  quiet?: boolean;
  children: ReactNode;
}

/** Something that can be done with a row, said in a word. */
export function RowButton({ label, children, ...rest }: Props) {
  return (
    <ActButton size="compact-sm" variant="subtle" color="gray" aria-label={label} {...rest}>
      {children}
    </ActButton>
  );
}
