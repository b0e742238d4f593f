import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  icon?: ReactNode;
  title: string;
  text?: string;
  action?: ReactNode;
  /** In place of a page: its title is the heading of the page. */
  page?: boolean;
}

export function EmptyState({ icon, title, text, action, page = false }: Props) {
  return (
    <Stack align="center" gap="xs" py={64} px="md">
      {icon}
      <Title order={page ? 1 : 2} ta="center">
        {title}
      </Title>
      {text && (
        <Text size="sm" c="dimmed" maw={460} ta="center" mb="xs">
          {text}
        </Text>
      )}
      {action}
    </Stack>
  );
}
