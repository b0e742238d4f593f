import { Button, Group, Modal, Stack, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import type { Draft, DraftRule, Serve } from './draft';
import { decided, type Conflict } from './merge';
import type { DraftState } from './useDraft';
import { useWording } from './useSentences';
import classes from './targeting.module.css';

interface Props {
  flag: Flag;
  edit: DraftState;
  conflict: NonNullable<DraftState['conflict']>;
}

/** Somebody saved another value of a part that is edited here: both are shown, nothing is overwritten unasked. */
export function ConflictDialog({ flag, edit, conflict }: Props) {
  const t = useText();
  const { merged, theirs, version } = conflict;
  const [keep, setKeep] = useState<Record<string, 'mine' | 'theirs'>>({});
  const show = useShow(flag);
  const open = merged.conflicts.filter(({ part }) => !keep[part]).length;
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      size="xl"
      title={t('Somebody else saved this flag')}
    >
      <Stack gap="md">
        <Text size="sm">
          {t(
            'What you both changed is below: choose which to keep. Everything else is merged, and still has to be saved.',
          )}
        </Text>
        {merged.conflicts.map((one) => {
          const { title, was, theirs: their, mine } = show(one, edit.base, theirs);
          return (
            <Stack gap={6} key={one.part} role="group" aria-label={title}>
              <Text fw={600} size="sm">
                {title}
              </Text>
              <Text size="xs" c="dimmed">
                {t('It was: {what}', { what: was })}
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
                    <Text size="xs" c="dimmed">
                      {side === 'theirs' ? t('Saved by somebody else') : t('Yours')}
                    </Text>
                    <Text size="sm">{side === 'theirs' ? their : mine}</Text>
                  </UnstyledButton>
                ))}
              </div>
            </Stack>
          );
        })}
        <Group justify="flex-end">
          <Button variant="default" onClick={edit.reset}>
            {t('Discard mine')}
          </Button>
          <Button
            disabled={open > 0}
            onClick={() => edit.rebase(theirs, version, decided(merged, theirs, keep))}
          >
            {t('Continue')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** A part of a draft in words. */
function useShow(flag: Flag) {
  const t = useText();
  const words = useWording(flag);
  return (conflict: Conflict, base: Draft, theirs: Draft) => {
    const { part } = conflict;
    const rule = (value: unknown) => {
      const one = value as DraftRule | undefined;
      if (!one) return t('no such rule');
      return `${one.clauses.map(words.clause).join(` ${t('and')} `)} → ${words.serve(one.serve)}`;
    };
    const forms: Record<string, [string, (value: unknown) => string]> = {
      on: [t('State'), (value) => (value ? t('on') : t('off'))],
      offVariation: [t('While the flag is off'), (value) => words.variation(value as number | undefined)],
      fallthrough: [t('Default rule'), (value) => words.serve(value as Serve)],
      ruleOrder: [t('Order of the rules'), (value) => order(value as string[], base, theirs)],
      prerequisites: [
        t('Prerequisites'),
        (value) => (value as Draft['prerequisites']).map((p) => p.key).join(', ') || t('none'),
      ],
      targets: [
        t('Individual targets'),
        (value) =>
          (value as Draft['targets'])
            .flatMap((p) => p.values.map((v) => `${v} → ${words.variation(p.variation)}`))
            .join(', ') || t('none'),
      ],
    };
    const [title, text] = forms[part] ?? [t('Rule'), rule];
    return { title, was: text(conflict.base), theirs: text(conflict.theirs), mine: text(conflict.mine) };
  };
  function order(ids: string[], base: Draft, theirs: Draft) {
    const all = [...base.rules, ...theirs.rules];
    return ids
      .map((id) =>
        words.rule(
          all.find((one) => one.id === id) ??
            base.rules[0] ?? { id, description: id, clauses: [], serve: {} },
        ),
      )
      .join(' › ');
  }
}
