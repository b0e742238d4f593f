import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Needs } from '~/access/questions';
import { useMayEach } from '~/access/useMay';
import { useText } from '~/i18n/text';
import { MoreMenu } from '~/ui/MoreMenu';

export interface RowAction<T> {
  label: string;
  needs?: (row: T) => Needs;
  /** Whether it applies to the row. */
  when?: (row: T) => boolean;
  danger?: boolean;
  dialog?: (row: T, close: () => void) => ReactNode;
}

interface Props<T> {
  row: T;
  name: string;
  edit?: { needs: Needs; open: () => void };
  actions: RowAction<T>[];
  act: (action: RowAction<T>) => void;
}

const ANYBODY: Needs = ['viewAccount', 'acct'];

/** What can be done with a row by who looks at it. */
export function RowActions<T>({ row, name, edit, actions, act }: Props<T>) {
  const t = useText();
  const there = actions.filter(({ when }) => when?.(row) ?? true);
  const [mayEdit, ...may] = useMayEach([
    edit?.needs ?? ANYBODY,
    ...there.map(({ needs }) => needs?.(row) ?? ANYBODY),
  ]);
  const left = there.filter(({ needs }, index) => !needs || may[index]);
  return (
    <Group gap={2} justify="flex-end" wrap="nowrap">
      {edit && (
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={edit.open}
          aria-label={mayEdit === false ? t('View {what}', { what: name }) : t('Edit {what}', { what: name })}
        >
          {mayEdit === false ? t('View') : t('Edit')}
        </Button>
      )}
      <MoreMenu
        label={t('More for {what}', { what: name })}
        items={left.map((action) => ({ ...action, act: () => act(action) }))}
      />
    </Group>
  );
}
