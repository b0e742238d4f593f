import { Avatar, Button, Group, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useIntl } from 'react-intl';
import { changesQuery, type ChangesFilter } from '~/api/changes';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { More } from '~/ui/More';
import { personName } from '~/ui/person';
import { ChangeDetail } from './ChangeDetail';
import { Inline, Markdown } from './Markdown';
import { useTitle } from './useTitle';
import classes from './changes.module.css';

type Entry = Schemas['AuditLogEntry'];

interface Props extends ChangesFilter {
  project?: string;
  env?: string;
  /** What can be done about an entry. */
  actions?: (entry: Entry, title: string) => ReactNode;
}

/** Entries of the audit log by day. */
export function ChangeList({ project, actions, ...filter }: Props) {
  const t = useText();
  const intl = useIntl();
  const [open, setOpen] = useState<string>();
  const { q, resources, member } = filter;
  const query = useInfiniteQuery(
    changesQuery(project ? ['project', project] : ['account'], { q, resources, member }),
  );
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <LoadingPage />;
  const entries = query.data.pages.flatMap((page) => page.items);
  if (entries.length === 0) {
    return (
      <EmptyState
        icon={<IconHistory size={40} stroke={1.4} color="var(--muted)" aria-hidden />}
        title={t('Nothing has changed')}
        text={t('Whatever is created, changed or deleted stands here, with who did it and why.')}
      />
    );
  }
  const days = byDay(entries, (date) =>
    intl.formatDate(date, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
  );
  return (
    <>
      {[...days].map(([day, of]) => (
        <section key={day} aria-label={day}>
          <h2 className={classes.day}>{day}</h2>
          <div className={classes.list}>
            {of.map((entry) => (
              <Change key={entry._id} entry={entry} open={() => setOpen(entry._id)} actions={actions} />
            ))}
          </div>
        </section>
      ))}
      <More list={query} label={t('Older changes')} />
      {open && <ChangeDetail id={open} close={() => setOpen(undefined)} />}
    </>
  );
}

function byDay(entries: Entry[], dayOf: (date: number) => string): Map<string, Entry[]> {
  const days = new Map<string, Entry[]>();
  for (const entry of entries) {
    const day = dayOf(entry.date);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return days;
}

function Change({ entry, open, actions }: { entry: Entry; open: () => void; actions: Props['actions'] }) {
  const t = useText();
  const who = personName(entry.member) || entry.subject.name;
  const title = useTitle()(entry);
  return (
    <article className={classes.entry} data-row>
      <Avatar size={28} radius="xl" name={who} color="gray" variant="light" aria-hidden />
      <div style={{ minWidth: 0 }}>
        <div className={classes.title}>
          <Inline text={title.marked} />
        </div>
        {entry.description && (
          <div className={classes.what}>
            <Markdown text={entry.description} />
          </div>
        )}
        {entry.comment && <div className={classes.comment}>{entry.comment}</div>}
      </div>
      <div className={classes.aside}>
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          <Ago at={entry.date} />
        </Text>
        <Group gap={0} justify="flex-end">
          {actions?.(entry, title.plain)}
          <Button
            variant="subtle"
            size="compact-xs"
            onClick={open}
            aria-label={t('Details: {what}', { what: title.plain })}
          >
            {t('Details')}
          </Button>
        </Group>
      </div>
    </article>
  );
}
