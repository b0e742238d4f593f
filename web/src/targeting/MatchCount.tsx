import { Text, Tooltip } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useText } from '~/i18n/text';
import { useEditing } from './editing';
import type { Matches } from './useMatches';
import classes from './targeting.module.css';

/** How many contexts seen lately get here, of how many. Nothing where none was seen. */
export function MatchCount({ of }: { of: (matches: Matches) => number | undefined }) {
  const t = useText();
  const { matches } = useEditing();
  if (!matches || matches.evaluated === 0) return null;
  const count = of(matches) ?? 0;
  const values = { count, all: matches.evaluated };
  return (
    <Tooltip
      multiline
      maw={280}
      label={t(
        '{count, number} of the last {all, number} contexts that were seen get here, while the flag is on.',
        values,
      )}
    >
      <Text component="span" size="xs" c="dimmed" className={classes.matches} tabIndex={0}>
        <IconUsers size={14} aria-hidden />
        {t('{count, number} of {all, number}', values)}
      </Text>
    </Tooltip>
  );
}
