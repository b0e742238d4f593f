import { Text } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ActButton } from '~/access/ActButton';
import { RowButton } from '~/access/RowButton';
import type { Place } from '~/api/types';
import { useText } from '~/i18n/text';
import { Listed } from '~/settings/Listed';
import { NameCell } from '~/settings/NameCell';
import { EnvDot } from '~/shell/EnvDot';
import { useEnvironments } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { DataTable, type Column } from '~/ui/DataTable';
import { Panel } from '~/ui/Panel';
import { SearchField } from '~/ui/SearchField';
import { TagList } from '~/ui/TagList';
import { LINK, linkedQuery, onView, UNLINK, type Linkable, type Linked, type View } from './api';
import { LinkDialog } from './LinkDialog';
import { Unlink } from './Unlink';

interface Props {
  kind: Linkable;
  view: View;
  place: Place;
  /** Before the button that links. */
  beside?: ReactNode;
  /** Which dialog is open by the address. */
  dialog: string | undefined;
  show: (dialog?: string) => void;
  /** What is searched; it is in the address. */
  q: string | undefined;
  find: (q: string | undefined) => void;
}

/** Lists shorter than this need no search. */
const SEARCHED_FROM = 8;

/** The flags or the segments of a view. */
export function LinkedPanel({ kind, view, place, beside, dialog, show, q, find }: Props) {
  const t = useText();
  const { project } = place;
  const environments = useEnvironments(project);
  const asked = q ?? '';
  const search = useDebouncedCallback((text: string) => find(text.trim() || undefined), 180);
  const query = useQuery(linkedQuery(project, view.key, kind, asked));
  const [taking, setTaking] = useState<Linked>();
  const count =
    (kind === 'flags' ? view.resourceSummary?.flagCount : view.resourceSummary?.segmentCount) ?? 0;
  const environmentOf = (one: Linked) => environments.find((env) => env._id === one.environmentId);
  const details = (one: Linked) => one.resourceDetails?.flag ?? one.resourceDetails?.segment;
  const columns: Column<Linked>[] = [
    {
      head: kind === 'flags' ? t('Flag') : t('Segment'),
      cell: (one) => (
        <NameCell
          name={
            kind === 'flags' ? (
              <Link
                to="/projects/$project/$env/flags/$flag"
                params={{ ...place, flag: one.resourceKey }}
                className="entity"
              >
                {details(one)?.name || one.resourceKey}
              </Link>
            ) : (
              <Link
                to="/projects/$project/$env/segments/$segment"
                params={{ project, env: one.environmentKey ?? place.env, segment: one.resourceKey }}
                className="entity"
              >
                {details(one)?.name || one.resourceKey}
              </Link>
            )
          }
          itsKey={one.resourceKey}
        />
      ),
    },
    ...(kind === 'segments'
      ? [
          {
            head: t('Environment'),
            cell: (one: Linked) => (
              <Text
                size="sm"
                component="span"
                style={{ display: 'inline-flex', gap: 6, alignItems: 'center' }}
              >
                <EnvDot color={environmentOf(one)?.color ?? ''} />
                {environmentOf(one)?.name ?? one.environmentKey}
              </Text>
            ),
          },
        ]
      : []),
    { head: t('Tags'), cell: (one) => <TagList tags={details(one)?.tags ?? []} />, minor: true },
    {
      head: t('Linked'),
      cell: (one) => (
        <Text size="sm" c="dimmed" component="span">
          <Ago at={one.linkedAt} />
        </Text>
      ),
      minor: true,
    },
    {
      head: t('Actions'),
      end: true,
      cell: (one) => (
        <RowButton
          needs={onView(UNLINK[kind], project, view.key)}
          onClick={() => setTaking(one)}
          label={t('Take {what} out of the view', { what: one.resourceKey })}
        >
          {t('Take out…')}
        </RowButton>
      ),
    },
  ];
  return (
    <Panel
      flush={count > 0}
      title={kind === 'flags' ? t('Flags') : t('Segments')}
      actions={
        <>
          {count >= SEARCHED_FROM && (
            <SearchField
              label={kind === 'flags' ? t('Search flags of the view') : t('Search segments of the view')}
              w={{ base: '100%', xs: 220 }}
              defaultValue={q}
              onChange={(event) => search(event.currentTarget.value)}
            />
          )}
          {count > 0 && beside}
          <ActButton
            needs={onView(LINK[kind], project, view.key)}
            leftSection={<IconPlus size={16} />}
            variant={count > 0 ? 'default' : 'filled'}
            onClick={() => show(kind)}
          >
            {kind === 'flags' ? t('Link flags') : t('Link segments')}
          </ActButton>
        </>
      }
    >
      {count === 0 ? (
        <Text size="sm" c="dimmed">
          {kind === 'flags'
            ? t('No flags yet. Name them, or take all that a filter finds.')
            : t('No segments yet. Each environment has segments of its own.')}
        </Text>
      ) : (
        <Listed query={query}>
          {({ items, totalCount }) => (
            <>
              {items.length === 0 ? (
                <Text size="sm" c="dimmed" p="lg">
                  {t('Nothing matches {text}.', { text: asked })}
                </Text>
              ) : (
                <DataTable
                  caption={kind === 'flags' ? t('Flags of the view') : t('Segments of the view')}
                  rows={items}
                  id={(one) => `${one.environmentId ?? ''}/${one.resourceKey}`}
                  columns={columns}
                />
              )}
              {(totalCount ?? 0) > items.length && (
                <Text size="sm" c="dimmed" px="lg" py="sm">
                  {t('{count, number} more: search for them.', {
                    count: (totalCount ?? 0) - items.length,
                  })}
                </Text>
              )}
            </>
          )}
        </Listed>
      )}
      {dialog === kind && <LinkDialog kind={kind} view={view} place={place} close={() => show()} />}
      {taking && <Unlink kind={kind} view={view} one={taking} close={() => setTaking(undefined)} />}
    </Panel>
  );
}
