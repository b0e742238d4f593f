import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  icon: ReactNode;
  title: ReactNode;
  /** Between the title and what is told about it. */
  children?: ReactNode;
  about: ReactNode;
  /** What can be done with it. */
  menu: ReactNode;
}

/** One of a few things that are listed without a table. */
export function ItemRow({ icon, title, children, about, menu }: Props) {
  return (
    <Group wrap="nowrap" gap="sm" align="flex-start">
      <span aria-hidden style={{ marginTop: 3, flex: 'none', display: 'inline-flex', color: 'var(--muted)' }}>
        {icon}
      </span>
      <div style={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
        <Group gap="xs">{title}</Group>
        {children}
        <Text size="xs" c="dimmed" component="div">
          {about}
        </Text>
      </div>
      {menu}
    </Group>
  );
}
