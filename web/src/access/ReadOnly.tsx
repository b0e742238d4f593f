import { Badge, Tooltip } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useText } from '~/i18n/text';
import type { Explanation } from './questions';
import { useReason } from './useReason';

/** Beside what can be looked at but not changed; why is said on hover and focus. */
export function ReadOnly({ refusal }: { refusal: Explanation | undefined }) {
  const t = useText();
  const reason = useReason();
  if (!refusal) return null;
  return (
    <Tooltip multiline maw={340} label={`${t('You may not change this.')} ${reason(refusal)}`}>
      <Badge
        size="sm"
        color="gray"
        variant="default"
        leftSection={<IconLock size={11} aria-hidden />}
        tabIndex={0}
        style={{ flex: 'none' }}
      >
        {t('Read only')}
      </Badge>
    </Tooltip>
  );
}
