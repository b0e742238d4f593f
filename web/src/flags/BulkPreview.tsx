import { Badge, Group, ScrollArea, Text } from '@mantine/core';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import type { BulkAction, BulkPatch } from './bulk';
import classes from './FlagsTable.module.css';

/** Flags that are listed; the others are counted. */
const SHOWN = 100;

interface Props {
  flags: Flag[];
  patches: BulkPatch[];
  action: BulkAction;
}

/** Which flags would change, and which are so already. */
export function BulkPreview({ flags, patches, action }: Props) {
  const t = useText();
  const changing = new Map(patches.map((patch) => [patch.flag.key, patch]));
  const rest = flags.length - changing.size;
  const says: Record<BulkAction['kind'], string> = {
    on: t('off → on'),
    off: t('on → off'),
    tag: t('gets'),
    untag: t('loses'),
    archive: t('live → archived'),
    restore: t('archived → live'),
  };
  return (
    <section aria-label={t('What changes')}>
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={600}>
          {t('{count, plural, =0 {No flag changes} one {# flag changes} other {# flags change}}', {
            count: changing.size,
          })}
        </Text>
        {rest > 0 && (
          <Text size="xs" c="dimmed">
            {t('{count, plural, one {# is so already} other {# are so already}}', { count: rest })}
          </Text>
        )}
      </Group>
      {patches.length > 0 && (
        <ScrollArea.Autosize mah={220} className={classes.preview} viewportProps={{ tabIndex: 0 }}>
          {patches.slice(0, SHOWN).map(({ flag, instructions: [instruction] }) => (
            <div key={flag.key} className={classes.previewRow}>
              <span className={classes.previewName}>{flag.name || flag.key}</span>
              <Text size="xs" c="dimmed" component="span">
                {says[action.kind]}
              </Text>
              {(instruction?.values as string[] | undefined)?.map((tag) => (
                <Badge key={tag} size="sm" color="gray" variant="default" radius="sm">
                  {tag}
                </Badge>
              ))}
            </div>
          ))}
          {patches.length > SHOWN && (
            <Text size="xs" c="dimmed" p={8}>
              {t('and {count, number} more', { count: patches.length - SHOWN })}
            </Text>
          )}
        </ScrollArea.Autosize>
      )}
    </section>
  );
}
