import { Select, Skeleton } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useMayEach } from '~/access/useMay';
import { useText } from '~/i18n/text';
import { NotFound } from '~/ui/NotFound';
import { Page } from '~/ui/Page';
import { PAGES } from './pages';
import { useSections } from './useSections';
import classes from './settings.module.css';

const route = getRouteApi('/settings/$section');

/** All settings, with their pages at the side. */
export function SettingsPage() {
  const t = useText();
  const { section } = route.useParams();
  const navigate = route.useNavigate();
  const all = useSections();
  const guarded = all.flatMap(({ sections }) => sections).filter(({ needs }) => needs);
  const may = useMayEach(guarded.map(({ needs }) => needs ?? ['viewAccount', 'acct']));
  const hidden = new Set(guarded.filter((_, index) => may[index] === false).map(({ key }) => key));
  const groups = all.map(({ label, sections }) => ({
    label,
    sections: sections.filter(({ key }) => !hidden.has(key) || key === section),
  }));
  const Content = PAGES[section];
  if (!Content) return <NotFound />;
  return (
    <Page title={t('Settings')} wide>
      <div className={classes.settings}>
        <nav className={classes.nav} aria-label={t('Settings')}>
          {groups.map(({ label, sections }) => (
            <div key={label}>
              <div className={classes.group}>{label}</div>
              {sections.map(({ key, label }) => (
                <Link
                  key={key}
                  to="/settings/$section"
                  params={{ section: key }}
                  className={classes.link}
                  activeOptions={{ includeSearch: false }}
                >
                  {label}
                </Link>
              ))}
            </div>
          ))}
        </nav>
        <Select
          className={classes.choose}
          aria-label={t('Page of the settings')}
          data={groups.map(({ label, sections }) => ({
            group: label,
            items: sections.map(({ key, label }) => ({ value: key, label })),
          }))}
          value={section}
          onChange={(next) => next && void navigate({ to: '/settings/$section', params: { section: next } })}
        />
        <div className={classes.content}>
          <Suspense fallback={<Skeleton h={240} />}>
            <Content />
          </Suspense>
        </div>
      </div>
    </Page>
  );
}
