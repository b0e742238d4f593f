import { AppShell, Burger, Group } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { lazyRouteComponent, Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { useText } from '~/i18n/text';
import { Announcements } from './Announcements';
import { usePageTitle } from './usePageTitle';
import { useRowKeys } from './useRowKeys';
import { Mark } from './Mark';
import { Nav } from './Nav';
import { Palette } from './Palette';
import { PlaceSwitcher } from './PlaceSwitcher';
import classes from './Shell.module.css';

const Shortcuts = lazyRouteComponent(() => import('./Shortcuts'), 'Shortcuts');

export function Shell() {
  const t = useText();
  const [menu, { toggle, close }] = useDisclosure(false);
  const [dialog, setDialog] = useState<'palette' | 'shortcuts'>();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(close, [path, close]);
  usePageTitle();
  useRowKeys();
  useHotkeys([
    ['mod+K', () => setDialog('palette'), { usePhysicalKeys: false }],
    ['/', () => document.querySelector<HTMLInputElement>('[data-search]')?.focus()],
    ['shift+?', () => setDialog('shortcuts')],
  ]);
  return (
    <AppShell
      navbar={{ width: 236, breakpoint: 'sm', collapsed: { mobile: !menu } }}
      header={{ height: 52 }}
      layout="alt"
      padding={0}
      classNames={{ main: classes.main, navbar: classes.navbar, header: classes.header }}
    >
      <a className={classes.skip} href="#main">
        {t('Skip to content')}
      </a>
      <AppShell.Header hiddenFrom="sm">
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={menu} onClick={toggle} size="sm" aria-label={t('Menu')} />
          <Mark size={24} />
          <PlaceSwitcher compact />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label={t('Main')}>
        <Nav close={close} openPalette={() => setDialog('palette')} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Announcements />
        <Outlet />
      </AppShell.Main>
      <Suspense>
        {dialog === 'palette' && (
          <Palette close={() => setDialog(undefined)} shortcuts={() => setDialog('shortcuts')} />
        )}
        {dialog === 'shortcuts' && <Shortcuts close={() => setDialog(undefined)} />}
      </Suspense>
    </AppShell>
  );
}
