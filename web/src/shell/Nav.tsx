import { UnstyledButton } from '@mantine/core';
import {
  IconActivity,
  IconAdjustmentsHorizontal,
  IconArrowsDiff,
  IconFlag2,
  IconFlask2,
  IconHistory,
  IconPlugConnected,
  IconRocket,
  IconSearch,
  IconStack2,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import { Link, useLocation } from '@tanstack/react-router';
import { useText } from '~/i18n/text';
import { Mark } from './Mark';
import { PlaceSwitcher } from './PlaceSwitcher';
import { usePlace } from './place';
import { UserMenu } from './UserMenu';
import classes from './Shell.module.css';

const ICON = { size: 18, stroke: 1.7, 'aria-hidden': true } as const;
const MAC = navigator.platform.startsWith('Mac');

export function Nav({ close, openPalette }: { close: () => void; openPalette: () => void }) {
  const t = useText();
  const place = usePlace();
  const inSettings = useLocation().pathname.startsWith('/settings');
  const pages = [
    { to: '/projects/$project/$env/flags', icon: <IconFlag2 {...ICON} />, label: t('Flags') },
    { to: '/projects/$project/$env/segments', icon: <IconUsersGroup {...ICON} />, label: t('Segments') },
    { to: '/projects/$project/$env/views', icon: <IconStack2 {...ICON} />, label: t('Views') },
    { to: '/projects/$project/$env/contexts', icon: <IconUsers {...ICON} />, label: t('Contexts') },
  ] as const;
  const tools = [
    { to: '/projects/$project/$env/playground', icon: <IconFlask2 {...ICON} />, label: t('Playground') },
    { to: '/projects/$project/$env/compare', icon: <IconArrowsDiff {...ICON} />, label: t('Compare') },
    { to: '/projects/$project/$env/changes', icon: <IconHistory {...ICON} />, label: t('Change history') },
    { to: '/projects/$project/$env/events', icon: <IconActivity {...ICON} />, label: t('Live events') },
    {
      to: '/projects/$project/$env/instances',
      icon: <IconPlugConnected {...ICON} />,
      label: t('SDK instances'),
    },
    { to: '/projects/$project/$env/start', icon: <IconRocket {...ICON} />, label: t('Connect an SDK') },
  ] as const;
  return (
    <div className={classes.nav}>
      <Link to="/" className={classes.brand}>
        <Mark />
        Wigwag
      </Link>
      <PlaceSwitcher />
      <UnstyledButton className={classes.search} onClick={openPalette}>
        <IconSearch size={16} aria-hidden />
        {t('Go to…')}
        <kbd>{MAC ? '⌘K' : 'Ctrl K'}</kbd>
      </UnstyledButton>
      {place && (
        <>
          {pages.map(({ to, icon, label }) => (
            <Link key={to} to={to} params={place} className={classes.link} onClick={close}>
              {icon}
              {label}
            </Link>
          ))}
          <div className={classes.group}>{t('Look closer')}</div>
          {tools.map(({ to, icon, label }) => (
            <Link key={to} to={to} params={place} className={classes.link} onClick={close}>
              {icon}
              {label}
            </Link>
          ))}
        </>
      )}
      <div className={classes.group}>{t('Account')}</div>
      <Link
        to="/settings/$section"
        params={{ section: 'projects' }}
        className={classes.link}
        data-status={inSettings ? 'active' : undefined}
      >
        <IconAdjustmentsHorizontal {...ICON} />
        {t('Settings')}
      </Link>
      <div className={classes.who}>
        <UserMenu />
      </div>
    </div>
  );
}
