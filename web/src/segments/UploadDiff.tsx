import { Alert, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useText } from '~/i18n/text';
import { useWords } from '~/ui/useWords';
import { keysOfFile, membersDiff, type ImportMode } from './keysFile';
import { exportKeys } from './transfer';
import classes from '~/changes/diff.module.css';

/** Keys that are shown of each side. */
const SHOWN = 8;

interface Props {
  path: string;
  file: File;
  mode: ImportMode;
  /** Members that there are. */
  count: number;
}

/** What a file would change. Members are fetched for it only when that is asked for: it is an export. */
export function UploadDiff({ path, file, mode, count }: Props) {
  const t = useText();
  const words = useWords();
  const keys = useQuery({
    queryKey: ['file', file.name, file.size, file.lastModified],
    queryFn: async () => keysOfFile(file.name, await file.text()),
    structuralSharing: false,
    gcTime: 0,
    retry: false,
  });
  const members = useMutation({ mutationFn: async () => keysOfFile('members.csv', await exportKeys(path)) });
  if (keys.isError)
    return <Alert color="signal">{t('This file cannot be read: {why}', { why: words(keys.error) })}</Alert>;
  if (!keys.data) return <Loader size="sm" />;
  const known = count === 0 ? new Set<string>() : members.data;
  const diff = known && membersDiff(known, keys.data, mode);
  const some = (list: string[]) => `${list.slice(0, SHOWN).join('\n')}${list.length > SHOWN ? '\n…' : ''}`;
  return (
    <Stack gap="xs" role="group" aria-label={t('What changes')}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {t('{count, plural, one {# key} other {# keys}} in the file', { count: keys.data.size })}
        </Text>
        {!diff && (
          <Button
            variant="default"
            size="compact-sm"
            loading={members.isPending}
            onClick={() => members.mutate()}
          >
            {t('Compare with the {count, number} members', { count })}
          </Button>
        )}
      </Group>
      {members.isError && (
        <Text size="sm" c="signal" role="alert">
          {words(members.error)}
        </Text>
      )}
      {diff && (
        <>
          <Text size="sm">
            {t(
              '{added, number} are new, {same, number} are in it already, {removed, number} are taken out.',
              {
                added: diff.added.length,
                same: diff.same,
                removed: diff.removed.length,
              },
            )}
          </Text>
          {diff.added.length > 0 && <pre className={classes.after}>{prefixed('+ ', some(diff.added))}</pre>}
          {diff.removed.length > 0 && (
            <pre className={classes.before}>{prefixed('− ', some(diff.removed))}</pre>
          )}
        </>
      )}
    </Stack>
  );
}

function prefixed(sign: string, lines: string): string {
  return lines
    .split('\n')
    .map((line) => sign + line)
    .join('\n');
}
