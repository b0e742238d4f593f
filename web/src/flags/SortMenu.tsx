import { Button, Menu } from '@mantine/core';
import { IconArrowsSort, IconCheck } from '@tabler/icons-react';
import { NEWEST } from '~/api/flags';
import { useText } from '~/i18n/text';
import { useFlagSearch } from './useFlagSearch';

export function SortMenu() {
  const t = useText();
  const { search, set } = useFlagSearch();
  const sorts = [
    { value: NEWEST, label: t('Newest') },
    { value: 'creationDate', label: t('Oldest') },
    { value: '-targetingModifiedDate', label: t('Changed last') },
    { value: 'name', label: t('Name') },
    { value: 'key', label: t('Key') },
  ];
  const now = sorts.find((sort) => sort.value === search.sort) ?? sorts[0];
  return (
    <Menu shadow="md" position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" leftSection={<IconArrowsSort size={16} />} fw={500}>
          {now?.label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {sorts.map(({ value, label }) => (
          <Menu.Item
            key={value}
            onClick={() => set({ sort: value === NEWEST ? undefined : value })}
            rightSection={value === now?.value && <IconCheck size={14} />}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
