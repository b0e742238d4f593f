import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Panel.module.css';

interface Props {
  title?: ReactNode;
  text?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  /** Its content reaches the edges. */
  flush?: boolean;
}

/** A surface with a heading of its own. */
export function Panel({ title, text, actions, children, flush = false }: Props) {
  return (
    <section className={classes.panel}>
      {(title || actions) && (
        <Group justify="space-between" className={classes.head} gap="sm">
          <div className={classes.title}>
            {title && <Title order={2}>{title}</Title>}
            {text && (
              <Text size="sm" c="dimmed" mt={1} component="div">
                {text}
              </Text>
            )}
          </div>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
      )}
      {children && <div className={flush ? classes.flush : classes.body}>{children}</div>}
    </section>
  );
}
