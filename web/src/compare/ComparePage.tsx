import { Group, Select, SegmentedControl, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { EmptyState } from '~/ui/EmptyState';
import { Page } from '~/ui/Page';
import { EnvironmentsPanel } from './EnvironmentsPanel';
import { MomentsPanel } from './MomentsPanel';

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
        <EnvironmentsPanel project={project} env={env} other={other} />
      ) : (
        <EmptyState title={t('There is only one environment')} />
      )}
    </Page>
  );
}
