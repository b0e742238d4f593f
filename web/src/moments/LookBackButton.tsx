import { Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useText } from '~/i18n/text';

/** Shows and hides the time slider of a page. */
export function LookBackButton({ open, toggle }: { open: boolean; toggle: () => void }) {
  const t = useText();
  return (
    <Button
      variant={open ? 'light' : 'default'}
      leftSection={<IconHistory size={16} aria-hidden />}
      aria-pressed={open}
      onClick={toggle}
    >
      {t('Look back')}
    </Button>
  );
}
