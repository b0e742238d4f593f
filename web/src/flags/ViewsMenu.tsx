import { ActionIcon, Button, Group, Menu, Text, TextInput, Tooltip } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { FlagsSearch } from '~/app/search';
import { useText } from '~/i18n/text';
import { notifyDone } from '~/ui/notify';
import { useFlagSearch } from './useFlagSearch';

interface View {
  name: string;
  search: FlagsSearch;
}

/** Filters, order and columns under a name. A view is its address: names are kept in this browser. */
export function ViewsMenu({ project }: { project: string }) {
  const t = useText();
  const { search, set } = useFlagSearch();
  const [views, setViews] = useLocalStorage<View[]>({ key: `wigwag.views/${project}`, defaultValue: [] });
  const [name, setName] = useState('');
  const save = () => {
    const { filter, sort, hide } = search;
    setViews([
      ...views.filter((view) => view.name !== name.trim()),
      { name: name.trim(), search: { filter, sort, hide } },
    ]);
    setName('');
    notifyDone(t('The view was saved in this browser'));
  };
  const share = async () => {
    await navigator.clipboard.writeText(location.href);
    notifyDone(t('The address of this view was copied'));
  };
  return (
    <Menu shadow="md" position="bottom-end" width={280} trapFocus closeOnItemClick={false}>
      <Menu.Target>
        <Tooltip label={t('Views')}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label={t('Views')}>
            <IconBookmark size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {views.length === 0 && (
          <Text size="sm" c="dimmed" px="sm" py={6}>
            {t('Save filters, order and columns under a name.')}
          </Text>
        )}
        {views.map((view) => (
          <Group key={view.name} gap={0} wrap="nowrap">
            <Menu.Item
              flex={1}
              closeMenuOnClick
              onClick={() => set({ filter: undefined, sort: undefined, hide: undefined, ...view.search })}
            >
              {view.name}
            </Menu.Item>
            <ActionIcon
              variant="subtle"
              color="gray"
              mr={4}
              aria-label={t('Remove the view {name}', { name: view.name })}
              onClick={() => setViews(views.filter((one) => one !== view))}
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
              aria-label={t('Name of the view')}
              placeholder={t('Name of the view')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              onKeyDown={(event) => event.stopPropagation()}
            />
            <Button type="submit" size="xs" disabled={name.trim() === ''}>
              {t('Save')}
            </Button>
          </Group>
        </form>
        <Menu.Item onClick={() => void share()}>{t('Copy the address of this view')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
