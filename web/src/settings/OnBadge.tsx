import { Badge } from '@mantine/core';
import { useText } from '~/i18n/text';

export function OnBadge({ on }: { on: boolean }) {
  const t = useText();
  return <Badge color={on ? 'sea' : 'gray'}>{on ? t('on') : t('off')}</Badge>;
}
