import { Button, Loader, Menu, ScrollArea } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useText } from '~/i18n/text';

interface Props {
  label: string;
  /** Missing while they are asked for. */
  options: { value: string; label: string }[] | undefined;
  value: string | undefined;
  choose: (value: string | undefined) => void;
  /** Somebody is about to choose. */
  near?: () => void;
}

/** One term of a filter: what it is, and its value where there is one. */
export function FilterChip({ label, options, value, choose, near }: Props) {
  const t = useText();
  const chosen = options?.find((option) => option.value === value)?.label ?? value;
  return (
    <Menu shadow="md" position="bottom-start">
      <Menu.Target>
        <Button
          variant={value ? 'light' : 'default'}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          fw={500}
          px="sm"
          onPointerEnter={near}
          onFocus={near}
        >
          {value ? `${label}: ${chosen}` : label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <ScrollArea.Autosize mah={320}>
          <Menu.Item onClick={() => choose(undefined)} rightSection={!value && <IconCheck size={14} />}>
            {t('Any')}
          </Menu.Item>
          {!options && <Loader size="xs" m="xs" />}
          {options?.map((option) => (
            <Menu.Item
              key={option.value}
              onClick={() => choose(option.value)}
              rightSection={option.value === value && <IconCheck size={14} />}
            >
              {option.label}
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  );
}
