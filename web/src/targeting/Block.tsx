import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './targeting.module.css';

interface Props {
  title: string;
  changed: boolean;
  /** In the heading's line, at its end. */
  end?: ReactNode;
  children?: ReactNode;
  notes?: ReactNode;
}

/** One step of the evaluation. */
export function Block({ title, changed, end, children, notes }: Props) {
  return (
    <section className={classes.block} data-changed={changed || undefined}>
      <div className={classes.head}>
        <Title order={2} size="h3" flex={1}>
          {title}
        </Title>
        {end}
      </div>
      {children && <div className={classes.body}>{children}</div>}
      {notes}
    </section>
  );
}
