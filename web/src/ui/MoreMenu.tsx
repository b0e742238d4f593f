import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';

export interface MoreItem {
  label: string;
  danger?: boolean;
  act: () => void;
}

/** What else can be done with something; nothing where that is nothing. */
export function MoreMenu({ label, items }: { label: string; items: (MoreItem | false)[] }) {
  const there = items.filter((one) => one !== false);
  if (there.length === 0) return null;
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={label}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {there.map(({ label, danger, act }) => (
          <Menu.Item key={label} color={danger ? 'signal' : undefined} onClick={act}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
