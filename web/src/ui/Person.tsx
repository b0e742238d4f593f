import { Avatar, Group, Text } from '@mantine/core';
import { personName } from './person';

type Named = Parameters<typeof personName>[0];

export function Person({ of, size = 22 }: { of: Named; size?: number }) {
  const name = personName(of);
  if (!name) return null;
  return (
    <Group gap={8} wrap="nowrap" style={{ minWidth: 0 }}>
      <Avatar size={size} radius="xl" name={name} color="gray" variant="light" aria-hidden />
      <Text size="sm" truncate>
        {name}
      </Text>
    </Group>
  );
}
