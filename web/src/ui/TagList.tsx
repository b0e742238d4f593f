import { Badge, Group } from '@mantine/core';

interface Props {
  tags: string[];
  most?: number;
  /** Room in letters: what does not fit is counted. */
  letters?: number;
}

export function TagList({ tags, most = 3, letters = 200 }: Props) {
  if (tags.length === 0) return null;
  const fits = (index: number) => tags.slice(0, index + 1).join('   ').length <= letters;
  const shown = tags.slice(0, most).filter((_, index) => index === 0 || fits(index));
  return (
    <Group gap={4} wrap="nowrap">
      {shown.map((tag) => (
        <Badge key={tag} size="sm" color="gray" variant="default" radius="sm" fw={500}>
          {tag}
        </Badge>
      ))}
      {tags.length > shown.length && (
        <Badge
          size="sm"
          color="gray"
          variant="transparent"
          px={2}
          style={{ flex: 'none' }}
          title={tags.slice(shown.length).join(', ')}
        >
          +{tags.length - shown.length}
        </Badge>
      )}
    </Group>
  );
}
