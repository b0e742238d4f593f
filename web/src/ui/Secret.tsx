import { ActionIcon, Tooltip } from '@mantine/core';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '~/i18n/text';
import { Copy } from './Copy';

/** A secret: hidden until it is asked for, and copied without being shown. */
export function Secret({ value, label, open = false }: { value: string; label: string; open?: boolean }) {
  const t = useText();
  const [shown, setShown] = useState(open);
  return (
    <>
      <code style={{ wordBreak: 'break-all' }}>
        {shown ? value : `${value.slice(0, 4)}${'•'.repeat(14)}${value.slice(-4)}`}
      </code>
      {!open && (
        <Tooltip label={shown ? t('Hide') : t('Show')}>
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            onClick={() => setShown(!shown)}
            aria-label={shown ? t('Hide {what}', { what: label }) : t('Show {what}', { what: label })}
          >
            {shown ? <IconEyeOff size={14} /> : <IconEye size={14} />}
          </ActionIcon>
        </Tooltip>
      )}
      <Copy value={value} what={label} />
    </>
  );
}
