import { Title } from '@mantine/core';
import { ReadOnly } from '~/access/ReadOnly';
import { useEditPlace } from './editing';
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
  const { refusal } = useEditPlace();
  return (
    <section className={classes.block} data-changed={changed || undefined}>
      <div className={classes.head}>
        <Title order={2} size="h3" flex={1}>
          {title}
        </Title>
        {end}
        <ReadOnly refusal={refusal} />
      </div>
      {children && <div className={classes.body}>{children}</div>}
      {notes}
    </section>
  );
}
