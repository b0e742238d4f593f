import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';

interface Undoable {
  id: string;
  message: string;
  label: string;
  undo: () => void;
}

/** A note that something was done, with a button that takes it back. */
export function notifyUndoable({ id, message, label, undo }: Undoable) {
  notifications.show({
    id,
    color: 'sea',
    autoClose: 8_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          {label}
        </Button>
      </Group>
    ),
  });
}
