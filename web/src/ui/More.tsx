import { Button, Center } from '@mantine/core';

interface Props {
  /** A list that comes in pieces. */
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
  label: string;
}

/** The next piece of a list, on request. */
export function More({ list, label }: Props) {
  if (!list.hasNextPage) return null;
  return (
    <Center py="sm">
      <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {label}
      </Button>
    </Center>
  );
}
