import { UnstyledButton } from '@mantine/core';
import { keepPreviousData, queryOptions, useQueries } from '@tanstack/react-query';
import { FormattedNumber } from 'react-intl';
import { flagsPage } from '~/api/flags';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { valueOf, withValue } from './filter';
import { useFlagSearch } from './useFlagSearch';
import { STATUSES, type Status } from './useStatusWords';
import classes from './FlagsTable.module.css';

/** Statuses are worked out from events, flag by flag: in larger projects that takes too long to be counted unasked. */
const COUNTED = 5_000;

interface Stage {
  id: string;
  label: string;
  /** The filter with this stage in it. */
  filter: string | undefined;
  counted: boolean;
}

interface Props {
  project: string;
  environment: Schemas['EnvironmentRep'] | undefined;
  /** The first page of the list itself, which comes before the counts of others. */
  list: Schemas['FeatureFlags'] | undefined;
}

/** How many flags are at which stage of their life; each narrows the list to them. */
export function Lifecycle({ project, environment, list }: Props) {
  const t = useText();
  const words: Record<Status, string> = {
    new: t('New'),
    active: t('Active'),
    launched: t('Launched'),
    inactive: t('Inactive'),
  };
  const { search, set } = useFlagSearch();
  const { filter } = search;
  const env = environment?.key;
  const rest = withValue(
    withValue(withValue(filter, 'state', undefined), 'status', undefined),
    'filterEnv',
    undefined,
  );
  const few = (list?.totalCount ?? Infinity) <= COUNTED;
  const states: Stage[] = [
    { id: '', label: t('All'), filter: rest, counted: true },
    ...STATUSES.map((status) => ({
      id: status,
      label: words[status],
      filter: withValue(withValue(rest, 'filterEnv', env), 'status', status),
      counted: few && env !== undefined,
    })),
    {
      id: 'deprecated',
      label: t('Deprecated'),
      filter: withValue(rest, 'state', 'deprecated'),
      counted: true,
    },
    { id: 'archived', label: t('Archived'), filter: withValue(rest, 'state', 'archived'), counted: true },
  ];
  const counts = useQueries({
    queries: states.map((stage) => ({
      ...countQuery(project, stage.filter),
      enabled: list !== undefined && stage.counted,
      // The list tells its own.
      initialData: stage.filter === filter ? list : undefined,
    })),
  });
  const now = valueOf(filter, 'status') ?? valueOf(filter, 'state') ?? '';
  return (
    <div className={classes.states} role="group" aria-label={t('Stage of life')}>
      {states.map((stage, index) => (
        <UnstyledButton
          key={stage.id}
          className={classes.state}
          aria-pressed={now === stage.id}
          title={
            index > 0 && index <= STATUSES.length
              ? t('in {environment}', { environment: environment?.name })
              : undefined
          }
          onClick={() => set({ filter: now === stage.id ? rest : stage.filter })}
        >
          {stage.label}
          {counts[index]?.data !== undefined && (
            <b>
              <FormattedNumber value={counts[index].data} />
            </b>
          )}
        </UnstyledButton>
      ))}
    </div>
  );
}

/** How many flags match. */
function countQuery(project: string, filter: string | undefined) {
  const page = flagsPage(project, { filter, envs: [], page: 0, limit: 1 });
  return queryOptions({
    queryKey: page.queryKey,
    queryFn: page.queryFn,
    select: (found) => found.totalCount ?? 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}
