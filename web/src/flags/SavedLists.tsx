import { ActionIcon, Button, Group, Menu, Text, TextInput, Tooltip } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import type { FlagsSearch } from '~/app/search';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { notifyDone } from '~/ui/notify';
import { useFlagSearch } from './useFlagSearch';

interface Saved {
  name: string;
  search: FlagsSearch;
}

/** Filters, order and columns under a name. A list is its address: names are kept in this browser. */
export function SavedLists({ project }: { project: string }) {
  const t = useText();
  const { search, set } = useFlagSearch();
  const [lists, setLists] = useLocalStorage<Saved[]>({ key: `wigwag.views/${project}`, defaultValue: [] });
  const [name, setName] = useKept(`list-name.${project}`, '');
  const save = () => {
    const { filter, sort, hide } = search;
    setLists([
      ...lists.filter((list) => list.name !== name.trim()),
      { name: name.trim(), search: { filter, sort, hide } },
    ]);
    setName('');
    notifyDone(t('The list was saved in this browser'));
  };
  const share = async () => {
    await navigator.clipboard.writeText(location.href);
    notifyDone(t('The address of this list was copied'));
  };
  return (
    <Menu shadow="md" position="bottom-end" width={280} trapFocus closeOnItemClick={false}>
      <Menu.Target>
        <Tooltip label={t('Saved lists')}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label={t('Saved lists')}>
            <IconBookmark size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {lists.length === 0 && (
          <Text size="sm" c="dimmed" px="sm" py={6}>
            {t('Save filters, order and columns under a name.')}
          </Text>
        )}
        {lists.map((list) => (
          <Group key={list.name} gap={0} wrap="nowrap">
            <Menu.Item
              flex={1}
              closeMenuOnClick
              onClick={() => set({ filter: undefined, sort: undefined, hide: undefined, ...list.search })}
            >
              {list.name}
            </Menu.Item>
            <ActionIcon
              variant="subtle"
              color="gray"
              mr={4}
              aria-label={t('Remove the list {name}', { name: list.name })}
              onClick={() => setLists(lists.filter((one) => one !== list))}
            >
              <IconTrash size={15} />
            </ActionIcon>
          </Group>
        ))}
        <Menu.Divider />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) save();
          }}
        >
          <Group gap={6} px="sm" py={6} wrap="nowrap">
            <TextInput
              flex={1}
              size="xs"
              aria-label={t('Name of the list')}
              placeholder={t('Name of the list')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              onKeyDown={(event) => event.stopPropagation()}
            />
            <Button type="submit" size="xs" disabled={name.trim() === ''}>
              {t('Save')}
            </Button>
          </Group>
        </form>
        <Menu.Item onClick={() => void share()}>{t('Copy the address of this list')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
