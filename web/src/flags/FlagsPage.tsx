import { Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { ActButton } from '~/access/ActButton';
import { useEverywhere } from '~/access/places';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { flagsPage } from '~/api/flags';
import { useText } from '~/i18n/text';
import { rememberPlace, useEnvironments } from '~/shell/place';
import { ErrorState } from '~/ui/ErrorState';
import { Page } from '~/ui/Page';
import { BulkBar } from './BulkBar';
import { CreateFlag } from './CreateFlag';
import { FlagFilters } from './FlagFilters';
import { FlagsTable } from './FlagsTable';
import { Lifecycle } from './Lifecycle';
import { NoFlags } from './NoFlags';
import { SelectionContext, useNewSelection } from './selection';
import { useFlagSearch } from './useFlagSearch';
import { withColumns } from './withColumns';

const route = getRouteApi('/projects/$project/$env/flags');

export function FlagsPage() {
  const t = useText();
  const { project, env } = route.useParams();
  const { search, set } = useFlagSearch();
  const all = useEnvironments(project);
  const everywhere = useEverywhere(project);
  const environments = useMemo(() => withColumns(all, env), [all, env]);
  const envs = environments.map((one) => one.key);
  const first = useQuery({
    ...flagsPage(project, { filter: search.filter, sort: search.sort, envs, page: 0 }),
    enabled: envs.length > 0,
  });
  useEffect(() => rememberPlace({ project, env }), [project, env]);
  const open = () => set({ create: 1 });
  useHotkeys([['c', open]]);
  const total = first.data?.totalCount;
  const list = first.isPlaceholderData ? undefined : first.data;
  const selection = useNewSelection();
  const filtered = search.filter !== undefined;
  return (
    <Page
      wide
      title={t('Flags')}
      beside={
        total !== undefined && (
          <Text c="dimmed" size="sm" aria-live="polite">
            {filtered
              ? t('{count, plural, =0 {none match} one {# matches} other {# match}}', { count: total })
              : t('{count, plural, =0 {none yet} other {#}}', { count: total })}
          </Text>
        )
      }
      actions={
        <ActButton needs={everywhere('createFlag')} leftSection={<IconPlus size={16} />} onClick={open}>
          {t('Create flag')}
        </ActButton>
      }
    >
      <Lifecycle project={project} environment={environments[0]} list={list} />
      <FlagFilters project={project} environments={environments} ready={first.isSuccess} />
      {first.isError ? (
        <ErrorState error={first.error} retry={() => void first.refetch()} />
      ) : total === 0 ? (
        <NoFlags filtered={filtered} create={open} clear={() => set({ filter: undefined })} />
      ) : (
        <SelectionContext value={selection}>
          <FlagsTable project={project} env={env} environments={environments} total={total ?? 12} />
          <BulkBar project={project} environments={all} />
        </SelectionContext>
      )}
      {search.create && all.length > 0 && (
        <CreateFlag project={project} env={env} close={() => set({ create: undefined })} />
      )}
    </Page>
  );
}
