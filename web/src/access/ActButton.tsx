import { Button, Tooltip, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useText } from '~/i18n/text';
import type { Needs } from './questions';
import { useMay } from './useMay';
import { useReason } from './useReason';

interface Props extends ButtonProps {
  /** What must be allowed; all of it. */
  needs?: Needs | Needs[];
  /** Of what is refused nothing is shown, where saying so at each row would be noise. */
  quiet?: boolean;
  onClick?: () => void;
  type?: 'button' | 'submit';
  'aria-expanded'?: boolean;
  children: ReactNode;
  'aria-label'?: string;
}

/** A button that knows whether its action is allowed, and says why where it is not. */
export function ActButton({ needs, quiet = false, onClick, children, ...rest }: Props) {
  const t = useText();
  const reason = useReason();
  const { allowed, refusal } = useMay(...listed(needs));
  if (quiet && allowed !== true) return null;
  const button = (
    <Button
      {...rest}
      data-disabled={allowed === false || undefined}
      aria-disabled={allowed === false || undefined}
      onClick={allowed === false ? (event) => event.preventDefault() : onClick}
    >
      {children}
    </Button>
  );
  if (!refusal) return button;
  return (
    <Tooltip multiline maw={340} label={`${t('You may not do this.')} ${reason(refusal)}`}>
      {button}
    </Tooltip>
  );
}

function listed(needs: Props['needs']): Needs[] {
  if (!needs) return [];
  return typeof needs[0] === 'string' ? [needs as Needs] : (needs as Needs[]);
}
