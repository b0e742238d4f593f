import {
  Anchor,
  Badge,
  Button,
  Group,
  Select,
  SegmentedControl,
  Table,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { flagsPage } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { CopyDialog } from './CopyDialog';
import { MomentsPanel } from './MomentsPanel';
import { differs, summary } from './differs';
import classes from './compare.module.css';

const route = getRouteApi('/projects/$project/$env/compare');

/** Two environments side by side, or one at two moments. */
export function ComparePage() {
  const t = useText();
  const { project, env } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const environments = useEnvironments(project);
  const what = search.moments ? 'moments' : 'environments';
  const others = environments.filter((one) => one.key !== env);
  const other = search.with ?? others[0]?.key;
  return (
    <Page
      title={t('Compare')}
      text={t('What is not the same in two environments, or was not the same before.')}
    >
      <Group gap="sm" mb="md">
        <SegmentedControl
          aria-label={t('What to compare')}
          value={what}
          onChange={(next) => void navigate({ search: next === 'moments' ? { moments: 1 } : {} })}
          data={[
            { value: 'environments', label: t('Two environments') },
            { value: 'moments', label: t('Two moments') },
          ]}
        />
        {what === 'environments' && (
          <Select
            w={{ base: '100%', xs: 260 }}
            leftSection={<Text size="sm">{t('with')}</Text>}
            leftSectionWidth={48}
            aria-label={t('Compare with')}
            data={others.map((one) => ({ value: one.key, label: one.name }))}
            value={other ?? null}
            onChange={(next) => void navigate({ search: { with: next ?? undefined }, replace: true })}
          />
        )}
      </Group>
      {what === 'moments' ? (
        <MomentsPanel
          project={project}
          env={env}
          from={search.from}
          to={search.to}
          change={(moments) => void navigate({ search: { moments: 1, ...moments }, replace: true })}
        />
      ) : other ? (
        <Environments project={project} env={env} other={other} />
      ) : (
        <EmptyState title={t('There is only one environment')} />
      )}
    </Page>
  );
}

function Environments({ project, env, other }: { project: string; env: string; other: string }) {
  const t = useText();
  const [copying, setCopying] = useState<Flag>();
  const environments = useEnvironments(project);
  const name = (key: string) => environments.find((one) => one.key === key)?.name ?? key;
  const query = useQuery({
    ...flagsPage(project, { envs: [env, other], page: 0, limit: 100 }),
    select: (page) => ({ ...page, items: page.items.filter((flag) => differs(flag, env, other)) }),
  });
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <LoadingPage />;
  if (query.data.items.length === 0) {
    return (
      <EmptyState
        icon={<IconArrowsDiff size={40} stroke={1.4} color="var(--muted)" aria-hidden />}
        title={t('No difference')}
        text={t('Every flag of the newest 100 does the same in both environments.')}
      />
    );
  }
  return (
    <Panel flush>
      <Table verticalSpacing="sm" horizontalSpacing="md" className={classes.pair}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('Flag')}</Table.Th>
            <Table.Th>{name(env)}</Table.Th>
            <Table.Th>{name(other)}</Table.Th>
            <Table.Th>
              <VisuallyHidden>{t('Actions')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {query.data.items.map((flag) => (
            <Table.Tr key={flag.key}>
              <Table.Td>
                <Anchor
                  component={Link}
                  to={`/projects/${project}/${env}/flags/${flag.key}`}
                  size="sm"
                  fw={550}
                  c="inherit"
                >
                  {flag.name || flag.key}
                </Anchor>
                <Text size="xs" c="dimmed" className="mono">
                  {flag.key}
                </Text>
              </Table.Td>
              {[env, other].map((one) => {
                const { on, text } = summary(t, flag, one);
                return (
                  <Table.Td key={one} data-head={name(one)}>
                    <Group gap="xs" wrap="nowrap">
                      <Badge color={on ? 'sea' : 'gray'} w={46} flex="none">
                        {on ? t('on') : t('off')}
                      </Badge>
                      <Text size="sm">{text}</Text>
                    </Group>
                  </Table.Td>
                );
              })}
              <Table.Td ta="end">
                <Button size="compact-sm" variant="default" onClick={() => setCopying(flag)}>
                  {t('Copy…')}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {copying && (
        <CopyDialog
          project={project}
          flag={copying}
          from={env}
          to={other}
          close={() => setCopying(undefined)}
        />
      )}
    </Panel>
  );
}
