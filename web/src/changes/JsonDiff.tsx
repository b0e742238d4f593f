import { Stack, Text } from '@mantine/core';
import { useText } from '~/i18n/text';
import { differences, type Difference } from './differences';
import classes from './diff.module.css';

/** Two states of a thing, as far as they differ. */
export function JsonDiff({ before, after }: { before: unknown; after: unknown }) {
  return <DiffList list={differences(before ?? {}, after ?? {})} />;
}

export function DiffList({ list }: { list: Difference[] }) {
  const t = useText();
  if (list.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('Nothing differs')}
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      {list.map(({ path, before, after }) => (
        <div key={path}>
          <Text size="xs" c="dimmed" className="mono" style={{ wordBreak: 'break-all' }}>
            {path}
          </Text>
          {before !== undefined && (
            <pre className={classes.before}>
              <span className={classes.sign}>− </span>
              {JSON.stringify(before, null, 2)}
            </pre>
          )}
          {after !== undefined && (
            <pre className={classes.after}>
              <span className={classes.sign}>+ </span>
              {JSON.stringify(after, null, 2)}
            </pre>
          )}
        </div>
      ))}
    </Stack>
  );
}
