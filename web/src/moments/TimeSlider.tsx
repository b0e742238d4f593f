import { ActionIcon, Button, Group, Slider, Text, TextInput, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useIntl } from 'react-intl';
import { changesQuery } from '~/api/changes';
import { Inline } from '~/changes/Markdown';
import { useText } from '~/i18n/text';
import { utc } from '~/ui/Ago';
import { Panel } from '~/ui/Panel';
import { fromLocal, toLocal } from './local';

interface Props {
  project: string;
  /** Whose changes are the steps, as resources of a policy. */
  resources: string[];
  created: number;
  /** The moment that is shown; now where it is missing. */
  at: number | undefined;
  change: (at: number | undefined) => void;
  /** What can be done with the moment. */
  actions?: ReactNode;
}

/** Goes through the states of something, change by change; its keys are the arrows. */
export function TimeSlider({ project, resources, created, at, change, actions }: Props) {
  const t = useText();
  const intl = useIntl();
  const query = useInfiniteQuery(changesQuery(['project', project], { resources }));
  const found = (query.data?.pages ?? []).flatMap((page) => page.items);
  const entries = found.filter((entry, index) => found[index - 1]?.date !== entry.date).reverse();
  // One step for each change, and the last for now.
  const last = entries.length;
  const after = entries.findIndex((entry) => at !== undefined && entry.date > at);
  const step = at === undefined ? last : Math.max(0, (after < 0 ? last : after) - 1);
  const go = (next: number) => change(next >= last ? undefined : entries[Math.max(0, next)]?.date);
  const entry = at === undefined ? undefined : entries[step];
  const when = (time: number) => intl.formatDate(time, { dateStyle: 'medium', timeStyle: 'medium' });
  return (
    <Panel>
      <Group gap="sm" wrap="nowrap" align="center">
        <Tooltip label={t('The change before')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={step === 0}
            onClick={() => go(step - 1)}
            aria-label={t('The change before')}
          >
            <IconChevronLeft size={18} />
          </ActionIcon>
        </Tooltip>
        <Slider
          flex={1}
          min={0}
          max={Math.max(1, last)}
          value={step}
          onChange={go}
          label={(value) => (value >= last ? t('now') : when(entries[value]?.date ?? created))}
          marks={last <= 40 ? entries.map((_, value) => ({ value })) : undefined}
          thumbLabel={t('Moment that is shown')}
          thumbProps={{ 'aria-valuetext': at === undefined ? t('now') : when(at) }}
        />
        <Tooltip label={t('The change after')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={step >= last}
            onClick={() => go(step + 1)}
            aria-label={t('The change after')}
          >
            <IconChevronRight size={18} />
          </ActionIcon>
        </Tooltip>
        <TextInput
          type="datetime-local"
          step={1}
          w={215}
          aria-label={t('Time')}
          min={toLocal(created)}
          value={at === undefined ? '' : toLocal(at)}
          onChange={(event) => change(fromLocal(event.currentTarget.value))}
        />
      </Group>
      <Group justify="space-between" mt="xs" gap="sm">
        <Text size="sm" c="dimmed" aria-live="polite" component="div">
          {at === undefined ? (
            t('This is how it is now. Move the slider to see how it was.')
          ) : (
            <>
              <Text span fw={600} c="var(--mantine-color-text)" title={utc(at)}>
                {t('As it was on {time}', { time: when(at) })}
              </Text>
              {entry && (
                <>
                  {' · '}
                  <Inline text={entry.title} />
                </>
              )}
            </>
          )}
        </Text>
        <Group gap="xs">
          {query.hasNextPage && (
            <Button
              variant="subtle"
              size="compact-sm"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {t('Older changes')}
            </Button>
          )}
          {at !== undefined && actions}
          {at !== undefined && (
            <Button variant="default" size="compact-sm" onClick={() => change(undefined)}>
              {t('Back to now')}
            </Button>
          )}
        </Group>
      </Group>
    </Panel>
  );
}
