import { Button, Group, Modal, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '~/i18n/text';
import type { Conflict, Kept } from './threeWay';
import classes from './Conflicts.module.css';

/** A conflict in words. */
export interface ShownConflict {
  title: string;
  was: string;
  theirs: string;
  mine: string;
}

interface Props {
  title: string;
  conflicts: Conflict[];
  show: (conflict: Conflict) => ShownConflict;
  discard: () => void;
  proceed: (keep: Kept) => void;
}

/** Somebody saved another value of a part that is edited here: both are shown, nothing is overwritten unasked. */
export function Conflicts({ title, conflicts, show, discard, proceed }: Props) {
  const t = useText();
  const [keep, setKeep] = useState<Kept>({});
  const open = conflicts.filter(({ part }) => !keep[part]).length;
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      size="xl"
      title={title}
    >
      <Stack gap="md">
        {/* The focus begins here: on a choice it would look chosen. */}
        <Text size="sm" data-autofocus tabIndex={-1} className={classes.about}>
          {t(
            'What you both changed is below: choose which to keep. Everything else is merged, and still has to be saved.',
          )}
        </Text>
        {conflicts.map((one) => {
          const shown = show(one);
          return (
            <Stack gap={6} key={one.part} role="group" aria-label={shown.title}>
              <Text fw={600} size="sm">
                {shown.title}
              </Text>
              <Text size="xs" c="dimmed">
                {t('It was: {what}', { what: shown.was })}
              </Text>
              <div className={classes.sides}>
                {(['theirs', 'mine'] as const).map((side) => (
                  <UnstyledButton
                    key={side}
                    className={classes.side}
                    aria-pressed={keep[one.part] === side}
                    data-chosen={keep[one.part] === side || undefined}
                    onClick={() => setKeep({ ...keep, [one.part]: side })}
                  >
                    <Group gap={4} justify="space-between" wrap="nowrap">
                      <Text size="xs" c="dimmed">
                        {side === 'theirs' ? t('Saved by somebody else') : t('Yours')}
                      </Text>
                      {keep[one.part] === side && <IconCheck size={14} aria-hidden />}
                    </Group>
                    <Text size="sm">{shown[side]}</Text>
                  </UnstyledButton>
                ))}
              </div>
            </Stack>
          );
        })}
        <Group justify="flex-end">
          <Button variant="default" onClick={discard}>
            {t('Discard mine')}
          </Button>
          <Button disabled={open > 0} onClick={() => proceed(keep)}>
            {t('Continue')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
