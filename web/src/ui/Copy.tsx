import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useText } from '~/i18n/text';

/** Copies a text. `what` is named for those who do not see the icon. */
export function Copy({ value, what, size = 'sm' }: { value: string; what: string; size?: string }) {
  const t = useText();
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('Copied') : t('Copy')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={size}
            onClick={copy}
            aria-label={t('Copy {what}', { what })}
          >
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
