import { Combobox, Group, Text, UnstyledButton, useCombobox } from '@mantine/core';
import { IconSelector, IconShieldFilled } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { environmentsOf, projectsQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { EnvDot } from './EnvDot';
import { rememberPlace, usePlace } from './place';
import classes from './Shell.module.css';

/** Project and environment; what is chosen keeps the kind of page. */
export function PlaceSwitcher({ compact = false }: { compact?: boolean }) {
  const t = useText();
  const [search, setSearch] = useState('');
  const place = usePlace();
  const projects = useQuery(projectsQuery).data?.items ?? [];
  const router = useRouter();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const box = useCombobox({
    onDropdownClose: () => {
      box.resetSelectedOption();
      setSearch('');
    },
    onDropdownOpen: () => box.focusSearchInput(),
  });
  const project = projects.find((p) => p.key === place?.project);
  const env = environmentsOf(project).find((e) => e.key === place?.env);
  const choose = (value: string) => {
    const [projectKey = '', envKey = ''] = value.split('/');
    rememberPlace({ project: projectKey, env: envKey });
    box.closeDropdown();
    const rest = path.split('/').slice(4);
    const kept = projectKey === place?.project ? rest : rest.slice(0, 1);
    router.history.push(`/projects/${projectKey}/${envKey}/${kept.join('/') || 'flags'}`);
  };
  const needle = search.trim().toLowerCase();
  return (
    <Combobox store={box} onOptionSubmit={choose} width={300} position="bottom-start" shadow="md">
      <Combobox.Target withAriaAttributes={false}>
        <UnstyledButton
          className={classes.switcher}
          onClick={() => box.toggleDropdown()}
          aria-haspopup="listbox"
          aria-expanded={box.dropdownOpened}
          aria-label={t('Project and environment: {project}, {env}', {
            project: project?.name ?? '',
            env: env?.name ?? '',
          })}
        >
          <EnvDot color={env?.color} />
          <div style={{ minWidth: 0, flex: 1 }}>
            {!compact && (
              <Text size="xs" c="dimmed" truncate lh={1.3}>
                {project?.name ?? place?.project ?? '…'}
              </Text>
            )}
            <Text size="sm" fw={600} truncate lh={1.3}>
              {env?.name ?? place?.env ?? '…'}
            </Text>
          </div>
          {env?.critical && <IconShieldFilled size={14} color="var(--muted)" aria-hidden />}
          <IconSelector size={16} color="var(--muted)" aria-hidden />
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder={t('Find a project or environment')}
          aria-label={t('Find a project or environment')}
        />
        <Combobox.Options mah={380} style={{ overflowY: 'auto' }}>
          {projects.map((p) => (
            <Combobox.Group label={p.name} key={p.key}>
              {environmentsOf(p)
                .filter((e) => `${p.name} ${e.name} ${p.key} ${e.key}`.toLowerCase().includes(needle))
                .map((e) => (
                  <Combobox.Option value={`${p.key}/${e.key}`} key={e.key} active={e === env}>
                    <Group gap="sm" wrap="nowrap">
                      <EnvDot color={e.color} />
                      <Text size="sm" fw={e === env ? 600 : 450}>
                        {e.name}
                      </Text>
                      {e.critical && (
                        <Text size="xs" c="dimmed" ml="auto">
                          {t('critical')}
                        </Text>
                      )}
                    </Group>
                  </Combobox.Option>
                ))}
            </Combobox.Group>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
