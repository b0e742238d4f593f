import { Badge, Group } from '@mantine/core';

export function TagList({ tags, most = 3 }: { tags: string[]; most?: number }) {
  if (tags.length === 0) return null;
  return (
    <Group gap={4} wrap="nowrap">
      {tags.slice(0, most).map((tag) => (
        <Badge key={tag} size="sm" color="gray" variant="default" radius="sm" fw={500}>
          {tag}
        </Badge>
      ))}
      {tags.length > most && (
        <Badge size="sm" color="gray" variant="transparent" title={tags.slice(most).join(', ')}>
          +{tags.length - most}
        </Badge>
      )}
    </Group>
  );
}
