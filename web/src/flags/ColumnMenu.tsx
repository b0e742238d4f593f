import { ActionIcon, Checkbox, Popover, Stack, Text, Tooltip } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { HIDDEN, useFlagSearch } from './useFlagSearch';

/** Which columns there are. The choice is in the address, so that it can be shared. */
export function ColumnMenu({ environments }: { environments: Schemas['EnvironmentRep'][] }) {
  const t = useText();
  const { search, set } = useFlagSearch();
  const hidden = (search.hide ?? HIDDEN).split(',');
  const columns = [
    ...environments.map((env) => ({ id: `env:${env.key}`, label: env.name })),
    { id: 'tags', label: t('Tags') },
    { id: 'maintainer', label: t('Maintainer') },
    { id: 'created', label: t('Created') },
    { id: 'changed', label: t('Changed') },
  ];
  const toggle = (id: string, shown: boolean) => {
    const rest = hidden.filter((one) => one !== id && one !== 'none');
    const next = shown ? rest : [...rest, id];
    const hide = next.filter(Boolean).join(',') || 'none';
    set({ hide: hide === HIDDEN ? undefined : hide });
  };
  return (
    <Popover position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <Tooltip label={t('Columns')}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label={t('Columns')}>
            <IconColumns3 size={18} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="xs" fw={600} c="dimmed" mb="xs">
          {t('Columns')}
        </Text>
        <Stack gap={8}>
          {columns.map(({ id, label }) => (
            <Checkbox
              key={id}
              size="sm"
              label={label}
              checked={!hidden.includes(id)}
              onChange={(event) => toggle(id, event.currentTarget.checked)}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
