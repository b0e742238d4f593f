import { Avatar, Group, Menu, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconBook2,
  IconCheck,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
  IconSunMoon,
  IconUser,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sessionQuery } from '~/api/account';
import { api, ask } from '~/api/client';
import { useLanguage } from '~/i18n/language';
import { LANGUAGES, useText } from '~/i18n/text';
import { personName } from '~/ui/person';
import classes from './Shell.module.css';

export function UserMenu() {
  const t = useText();
  const member = useQuery(sessionQuery).data?.member;
  const queries = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { language, choose } = useLanguage();
  const leave = useMutation({
    mutationFn: () => ask(api.DELETE('/internal/session')),
    onSuccess: () => {
      queries.clear();
      window.location.assign('/');
    },
  });
  const themes = [
    { value: 'light', label: t('Light'), icon: <IconSun size={16} /> },
    { value: 'dark', label: t('Dark'), icon: <IconMoon size={16} /> },
    { value: 'auto', label: t('As the system'), icon: <IconSunMoon size={16} /> },
  ] as const;
  const check = <IconCheck size={14} aria-hidden />;
  return (
    <Menu position="top-start" width={220} shadow="md">
      <Menu.Target>
        <UnstyledButton className={classes.link} w="100%" aria-label={t('Your account')}>
          <Avatar size={26} radius="xl" color="sea" name={personName(member)} variant="filled" />
          <Text size="sm" fw={500} truncate>
            {personName(member)}
          </Text>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/profile" leftSection={<IconUser size={16} />}>
          {t('Profile and security')}
        </Menu.Item>
        <Menu.Item component="a" href="/docs/api" leftSection={<IconBook2 size={16} />}>
          {t('API reference')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('Theme')}</Menu.Label>
        {themes.map(({ value, label, icon }) => (
          <Menu.Item
            key={value}
            leftSection={icon}
            rightSection={colorScheme === value && check}
            onClick={() => setColorScheme(value)}
            closeMenuOnClick={false}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Label>{t('Language')}</Menu.Label>
        {LANGUAGES.map(({ value, label }) => (
          <Menu.Item
            key={value}
            leftSection={<IconLanguage size={16} />}
            rightSection={language === value && check}
            onClick={() => choose(value)}
            closeMenuOnClick={false}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave.mutate()}>
          <Group>{t('Sign out')}</Group>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
