import { Drawer, Group, Skeleton, Stack, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { changeQuery } from '~/api/changes';
import { useText } from '~/i18n/text';
import { usePlace } from '~/shell/place';
import { Copy } from '~/ui/Copy';
import { utc } from '~/ui/Ago';
import { ErrorState } from '~/ui/ErrorState';
import { JsonEditor } from '~/ui/JsonEditor';
import { JsonDiff } from './JsonDiff';
import { Inline, Markdown } from './Markdown';
import { useTitle } from './useTitle';
import classes from './changes.module.css';

/** One entry with all it says: what was asked for, what it made of what. */
export function ChangeDetail({ id, close }: { id: string; close: () => void }) {
  const t = useText();
  const entry = useQuery(changeQuery(id));
  const found = entry.data as (NonNullable<typeof entry.data> & Detail) | undefined;
  const place = usePlace();
  const title = useTitle();
  const link = `${location.origin}/projects/${place?.project}/${place?.env}/changes?entry=${id}`;
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size="xl"
      title={t('Change')}
      closeButtonProps={{ 'aria-label': t('Close') }}
    >
      {entry.isError && <ErrorState error={entry.error} />}
      {entry.isPending && <Skeleton h={200} />}
      {found && (
        <Stack gap="md">
          <div className={classes.title}>
            <Inline text={title(found).marked} />
          </div>
          <Group gap={6}>
            <Text size="sm" c="dimmed">
              {utc(found.date)} · <code>{found._id}</code>
            </Text>
            <Copy value={link} what={t('link')} />
          </Group>
          {found.comment && <div className={classes.comment}>{found.comment}</div>}
          <Tabs defaultValue="words">
            <Tabs.List mb="md">
              <Tabs.Tab value="words">{t('In words')}</Tabs.Tab>
              <Tabs.Tab value="diff">{t('Before and after')}</Tabs.Tab>
              {found.delta !== undefined && <Tabs.Tab value="asked">{t('What was sent')}</Tabs.Tab>}
              <Tabs.Tab value="access">{t('Permissions')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="words">
              <div className={classes.what}>
                <Markdown text={found.description || title(found).marked} />
              </div>
            </Tabs.Panel>
            <Tabs.Panel value="diff">
              <JsonDiff before={found.previousVersion} after={found.currentVersion} />
            </Tabs.Panel>
            <Tabs.Panel value="asked">
              <JsonEditor
                label={t('What was sent')}
                value={JSON.stringify(found.delta, null, 2)}
                maxHeight="60dvh"
              />
            </Tabs.Panel>
            <Tabs.Panel value="access">
              <Stack gap={4}>
                {found.accesses.map((access) => (
                  <Text size="sm" key={`${access.action}${access.resource}`}>
                    <code>{access.action}</code> {t('on')} <code>{access.resource}</code>
                  </Text>
                ))}
              </Stack>
            </Tabs.Panel>
          </Tabs>
        </Stack>
      )}
    </Drawer>
  );
}

interface Detail {
  delta?: unknown;
  previousVersion?: unknown;
  currentVersion?: unknown;
}
