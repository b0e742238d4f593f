import { Badge, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { DiffList } from '~/changes/JsonDiff';
import { useTitle, type Entry } from '~/changes/useTitle';
import { FlagLink } from '~/flags/FlagCell';
import { useText } from '~/i18n/text';
import { fromLocal, toLocal } from '~/moments/local';
import { Ago } from '~/ui/Ago';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { More } from '~/ui/More';
import { Panel } from '~/ui/Panel';
import { personName } from '~/ui/person';
import { momentsQuery } from './momentsQuery';
import classes from './compare.module.css';

interface Moments {
  /** Milliseconds since 1970. */
  from?: number;
  /** Now, where it is missing. */
  to?: number;
}

interface Props extends Moments {
  project: string;
  env: string;
  change: (moments: Moments) => void;
}

const HOUR = 3_600_000;

/** What changed in the environment from one moment to another, and who changed it. */
export function MomentsPanel({ project, env, from, to, change }: Props) {
  const t = useText();
  const title = useTitle();
  const said = (entry: Omit<Entry, 'title'>, key: string) => {
    const who = personName(entry.member) || entry.token?.name || 'Wigwag';
    return title({ ...entry, title: `${who} ${entry.titleVerb} ${key}` }).plain;
  };
  const [yesterday] = useState(() => Date.now() - 24 * HOUR);
  const begin = from ?? yesterday;
  const query = useInfiniteQuery(momentsQuery(project, env, begin, to));
  const items = query.data?.pages.flatMap((page) => page.items);
  const total = query.data?.pages[0]?.totalCount ?? 0;
  const kinds: Record<string, string> = {
    environment: t('environment'),
    flag: t('flag'),
    segment: t('segment'),
  };
  const whats: Record<string, string> = { added: t('added'), removed: t('removed'), changed: t('changed') };
  const colors: Record<string, string> = { added: 'sea', removed: 'signal', changed: 'gray' };
  const ago = [
    { hours: 1, label: t('An hour ago') },
    { hours: 24, label: t('Yesterday') },
    { hours: 168, label: t('A week ago') },
    { hours: 720, label: t('30 days ago') },
  ];
  return (
    <Stack>
      <Group gap="sm" align="flex-end">
        <TextInput
          type="datetime-local"
          step={1}
          w={215}
          label={t('From')}
          value={toLocal(begin)}
          onChange={(event) => change({ from: fromLocal(event.currentTarget.value), to })}
        />
        <TextInput
          type="datetime-local"
          step={1}
          w={215}
          label={t('To, or now')}
          value={to === undefined ? '' : toLocal(to)}
          onChange={(event) => change({ from, to: fromLocal(event.currentTarget.value) })}
        />
        <Group gap={4}>
          {ago.map(({ hours, label }) => (
            <Button
              key={hours}
              variant="subtle"
              onClick={() => change({ from: Date.now() - hours * HOUR, to: undefined })}
            >
              {label}
            </Button>
          ))}
        </Group>
      </Group>
      {query.isError && <ErrorState error={query.error} />}
      {query.isPending && <LoadingPage />}
      {items?.length === 0 && <EmptyState title={t('Nothing is different')} />}
      {items && items.length > 0 && (
        <Panel flush>
          <Text size="sm" c="dimmed" className={classes.count}>
            {t('{count, plural, one {# thing is} other {# things are}} different', { count: total })}
          </Text>
          <ul className={classes.items}>
            {items.map((item) => (
              <li key={`${item.kind}/${item.key}`}>
                <Group gap="xs">
                  <ItemName project={project} env={env} kind={item.kind} itsKey={item.key} />
                  <Badge
                    size="sm"
                    color={colors[item.change]}
                  >{`${kinds[item.kind] ?? item.kind} · ${whats[item.change] ?? item.change}`}</Badge>
                </Group>
                {item.change === 'changed' && <DiffList list={item.differences} />}
                {item.changes.map((entry) => (
                  <div className={classes.told} key={entry._id}>
                    <Ago at={entry.date} /> · {said(entry, item.key)}
                    {entry.comment && <> · “{entry.comment}”</>}
                  </div>
                ))}
              </li>
            ))}
          </ul>
          <More list={query} label={t('More differences')} />
        </Panel>
      )}
    </Stack>
  );
}

interface ItemProps {
  project: string;
  env: string;
  kind: string;
  itsKey: string;
}

/** Leads to flags and segments. */
function ItemName({ project, env, kind, itsKey }: ItemProps) {
  const place = { project, env };
  if (kind === 'flag') return <FlagLink {...place} flag={{ key: itsKey }} />;
  if (kind !== 'segment') return <span className="entity">{itsKey}</span>;
  const params = { ...place, segment: itsKey };
  return (
    <Link to="/projects/$project/$env/segments/$segment" params={params} className="entity">
      {itsKey}
    </Link>
  );
}
