import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useText } from '~/i18n/text';
import { NotFound } from '~/ui/NotFound';
import { Page } from '~/ui/Page';
import { Members } from './Members';
import { Projects } from './Projects';
import { Roles } from './Roles';
import { Teams } from './Teams';
import { Tokens } from './Tokens';
import { Webhooks } from './Webhooks';

const route = getRouteApi('/settings/$section');

export function SettingsPage() {
  const t = useText();
  const { section } = route.useParams();
  const navigate = route.useNavigate();
  const sections = {
    projects: { label: t('Projects'), content: <Projects /> },
    members: { label: t('Members'), content: <Members /> },
    teams: { label: t('Teams'), content: <Teams /> },
    roles: { label: t('Roles'), content: <Roles /> },
    tokens: { label: t('Access tokens'), content: <Tokens /> },
    webhooks: { label: t('Webhooks'), content: <Webhooks /> },
  };
  if (!(section in sections)) return <NotFound />;
  return (
    <Page title={t('Settings')}>
      <Tabs
        value={section}
        onChange={(next) => next && void navigate({ to: '/settings/$section', params: { section: next } })}
        keepMounted={false}
      >
        <Tabs.List mb="lg" style={{ overflowX: 'auto', flexWrap: 'nowrap' }}>
          {Object.entries(sections).map(([key, { label }]) => (
            <Tabs.Tab key={key} value={key}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(sections).map(([key, { content }]) => (
          <Tabs.Panel key={key} value={key}>
            {content}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
