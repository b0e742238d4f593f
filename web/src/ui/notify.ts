import { notifications } from '@mantine/notifications';

export function notifyDone(message: string) {
  notifications.show({ message, color: 'sea' });
}

export function notifyFailed(message: string) {
  notifications.show({ message, color: 'signal', autoClose: 8_000 });
}
