import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Needs } from '~/access/questions';
import { useMayEach } from '~/access/useMay';
import { useText } from '~/i18n/text';

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
      {left.length > 0 && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t('More for {what}', { what: name })}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {left.map((action) => (
              <Menu.Item
                key={action.label}
                color={action.danger ? 'signal' : undefined}
                onClick={() => act(action)}
              >
                {action.label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}
