import { List, Stack, Text } from '@mantine/core';
import { useText } from '~/i18n/text';
import type { Statement } from './policy';
import { useStatementWords } from './useStatementWords';
import classes from './roles.module.css';

/** What a role that came with Wigwag says by itself, before the account's own statements. */
export function PresetStatements({ statements }: { statements: Statement[] }) {
  const t = useText();
  const words = useStatementWords();
  if (statements.length === 0) return null;
  return (
    <Stack gap={8}>
      <div>
        <Text size="sm" fw={500}>
          {t('Comes with Wigwag')}
        </Text>
        <Text size="xs" c="dimmed">
          {t('These statements cannot be changed. Yours count beside them.')}
        </Text>
      </div>
      <List type="ordered" size="sm" spacing={6} aria-label={t('Comes with Wigwag')}>
        {statements.map((statement, index) => (
          <List.Item key={index} className={classes.given}>
            {words(statement)}
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}
