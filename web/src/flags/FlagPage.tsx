import { Badge, Button, Skeleton, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { FLAG_TABS, type FlagTab } from '~/app/search';
import { flagQuery } from '~/api/flags';
import { WhyButton } from '~/contexts/WhyButton';
import { useText } from '~/i18n/text';
import { LookBackButton } from '~/moments/LookBackButton';
import { rememberPlace } from '~/shell/place';
import { Copy } from '~/ui/Copy';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Page } from '~/ui/Page';
import { TagList } from '~/ui/TagList';
import {
  CodeTab,
  EvaluationsTab,
  HistoryTab,
  LinksTab,
  PastFlag,
  RestoreFlag,
  SettingsTab,
  TargetingTab,
  TimeSlider,
  VariationsTab,
} from './tabs';

const route = getRouteApi('/projects/$project/$env/flags/$flag');
export function FlagPage() {
  const t = useText();
  const { project, env, flag: key } = route.useParams();
  const { tab = 'targeting', at } = route.useSearch();
  const [looking, setLooking] = useState(false);
  const [restoring, setRestoring] = useState(false);
  // Other tabs ask for nothing that targeting needs; once it was there it stays.
  const [targeted, setTargeted] = useState(false);
  if (tab === 'targeting' && !targeted) setTargeted(true);
  const navigate = route.useNavigate();
  const query = useQuery(flagQuery(project, key));
  useEffect(() => rememberPlace({ project, env }), [project, env]);
  if (query.isError) return <ErrorState page error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <LoadingPage />;
  const flag = query.data;
  const labels: Record<FlagTab, string> = {
    targeting: t('Targeting'),
    variations: t('Variations'),
    evaluations: t('Evaluations'),
    history: t('History'),
    code: t('Code'),
    links: t('Links and triggers'),
    settings: t('Settings'),
  };
  const choose = (value: string | null) => {
    const chosen = FLAG_TABS.find((one) => one === value && one !== 'targeting');
    void navigate({ search: { tab: chosen } });
  };
  const look = (moment: number | undefined) =>
    void navigate({ search: { at: moment }, replace: at !== undefined && moment !== undefined });
  const slider = looking || at !== undefined;
  return (
    <Page
      over={
        <Link to="/projects/$project/$env/flags" params={{ project, env }}>
          {t('Flags')}
        </Link>
      }
      title={flag.name || flag.key}
      beside={
        <>
          {flag.archived && <Badge color="gray">{t('archived')}</Badge>}
          {flag.deprecated && <Badge color="gray">{t('deprecated')}</Badge>}
          <TagList tags={flag.tags} most={6} />
        </>
      }
      text={
        <>
          <span style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}>
            <code>{flag.key}</code>
            <Copy value={flag.key} what={t('the key')} />
          </span>
          {flag.description && <Text size="sm">{flag.description}</Text>}
        </>
      }
      actions={
        <>
          <WhyButton project={project} env={env} flag={flag.key} name={flag.name} size="sm" />
          <LookBackButton
            open={slider}
            toggle={() => {
              setLooking(!slider);
              if (at !== undefined) look(undefined);
            }}
          />
        </>
      }
    >
      {slider && (
        <Suspense fallback={<Skeleton h={112} mb="md" />}>
          <TimeSlider
            project={project}
            resources={[`proj/${project}:env/*:flag/${flag.key}`]}
            created={flag.creationDate}
            at={at}
            change={look}
            actions={
              !flag.archived && (
                <Button variant="default" size="compact-sm" onClick={() => setRestoring(true)}>
                  {t('Restore…')}
                </Button>
              )
            }
          />
        </Suspense>
      )}
      {at !== undefined && (
        <Suspense fallback={<LoadingPage />}>
          <PastFlag project={project} env={env} flag={key} at={at} />
          {restoring && <RestoreFlag {...{ project, env, flag, at }} close={() => setRestoring(false)} />}
        </Suspense>
      )}
      <Tabs value={tab} onChange={choose} keepMounted={false} display={at === undefined ? undefined : 'none'}>
        <Tabs.List mb="lg" style={{ overflowX: 'auto', flexWrap: 'nowrap' }}>
          {FLAG_TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {labels[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<LoadingPage />}>
          <Tabs.Panel value="targeting" keepMounted={targeted}>
            <TargetingTab key={`${project}/${env}/${key}`} project={project} env={env} flag={flag} />
          </Tabs.Panel>
          <Tabs.Panel value="variations">
            <VariationsTab project={project} flag={flag} />
          </Tabs.Panel>
          <Tabs.Panel value="evaluations">
            <EvaluationsTab project={project} env={env} flag={flag} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <HistoryTab project={project} env={env} flag={flag} look={look} />
          </Tabs.Panel>
          <Tabs.Panel value="code">
            <CodeTab project={project} flag={flag} />
          </Tabs.Panel>
          <Tabs.Panel value="links">
            <LinksTab project={project} env={env} flag={flag} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <SettingsTab project={project} env={env} flag={flag} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Page>
  );
}
