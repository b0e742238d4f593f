import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Page.module.css';

interface Props {
  title: ReactNode;
  /** Above the title: where this belongs. */
  over?: ReactNode;
  /** Beside the title. */
  beside?: ReactNode;
  text?: ReactNode;
  actions?: ReactNode;
  /** Below, across the page. */
  tabs?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}

/** A page with its heading; each has one `h1`. */
export function Page({ title, over, beside, text, actions, tabs, children, wide = false }: Props) {
  return (
    <div className={classes.page} data-wide={wide || undefined}>
      <div className={classes.head}>
        {over && <div className={classes.over}>{over}</div>}
        <Group justify="space-between" gap="md" wrap="wrap" align="flex-start">
          <Group gap="sm" align="center" style={{ minWidth: 0 }}>
            <Title order={1}>{title}</Title>
            {beside}
          </Group>
          {actions && <Group className={classes.actions}>{actions}</Group>}
        </Group>
        {text && (
          <Text size="sm" c="dimmed" mt={2} maw={760} component="div">
            {text}
          </Text>
        )}
      </div>
      {tabs}
      {children}
    </div>
  );
}
