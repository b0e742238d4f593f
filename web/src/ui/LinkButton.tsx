import { Button, type ButtonProps } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** A link that looks like a button. */
export function LinkButton({ to, children, ...rest }: { to: string; children: ReactNode } & ButtonProps) {
  return (
    <Button component={Link} to={to} variant="default" {...rest}>
      {children}
    </Button>
  );
}
