import { Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ActButton } from '~/access/ActButton';
import type { Needs } from '~/access/questions';
import { useText } from '~/i18n/text';
import { DataTable, type Column } from '~/ui/DataTable';
import { EmptyState } from '~/ui/EmptyState';
import { Panel } from '~/ui/Panel';
import { SearchField } from '~/ui/SearchField';
import { Listed } from './Listed';
import { RowActions, type RowAction } from './RowActions';

type Dialog<T> = (row: T, close: () => void) => ReactNode;

interface Props<T> {
  title: string;
  text: ReactNode;
  /** Of an empty list. */
  icon: ReactNode;
  empty: { title: string; text?: string };
  query: UseQueryResult<{ items: T[] }>;
  id: (row: T) => string;
  /** What a row is called. */
  name: (row: T) => string;
  /** What else is searched. */
  words?: (row: T) => string;
  columns: Column<T>[];
  create?: { label: string; needs?: Needs; dialog: (close: () => void) => ReactNode };
  edit?: { needs: (row: T) => Needs; dialog: Dialog<T> };
  actions?: RowAction<T>[];
  /** Above the list. */
  notice?: ReactNode;
}

/** Lists shorter than this need no search. */
const SEARCHED_FROM = 8;
const route = getRouteApi('/settings/$section');

/** A list of settings: searched, created, edited and taken away in one way. Which dialog is open is in the address. */
export function ListPage<T>(props: Props<T>) {
  const {
    title,
    text,
    icon,
    empty,
    query,
    id,
    name,
    words,
    columns,
    create,
    edit,
    actions = [],
    notice,
  } = props;
  const t = useText();
  const navigate = route.useNavigate();
  const { open, q = '' } = route.useSearch();
  const show = (open: string | undefined) =>
    void navigate({ search: (now) => ({ ...now, open }), replace: true });
  const close = () => show(undefined);
  const [acting, setActing] = useState<{ action: RowAction<T>; row: T }>();
  const all = query.data?.items ?? [];
  const edited = edit && all.find((row) => id(row) === open);
  const needle = q.toLowerCase();
  const found = all.filter((row) => `${name(row)} ${words?.(row) ?? ''}`.toLowerCase().includes(needle));
  const last: Column<T> = {
    head: t('Actions'),
    end: true,
    cell: (row) => (
      <RowActions
        row={row}
        name={name(row)}
        edit={edit && { needs: edit.needs(row), open: () => show(id(row)) }}
        actions={actions}
        act={(action) => setActing({ action, row })}
      />
    ),
  };
  return (
    <Panel
      flush
      title={title}
      text={text}
      actions={
        <>
          {all.length >= SEARCHED_FROM && (
            <SearchField
              label={t('Search')}
              defaultValue={q}
              w={{ base: '100%', xs: 220 }}
              onChange={({ currentTarget: { value } }) =>
                void navigate({ search: (now) => ({ ...now, q: value || undefined }), replace: true })
              }
            />
          )}
          {create && (
            <ActButton needs={create.needs} leftSection={<IconPlus size={16} />} onClick={() => show('new')}>
              {create.label}
            </ActButton>
          )}
        </>
      }
    >
      {notice}
      <Listed query={query}>
        {() =>
          all.length === 0 ? (
            <EmptyState icon={icon} {...empty} />
          ) : found.length === 0 ? (
            <Text size="sm" c="dimmed" p="lg">
              {t('Nothing matches {text}.', { text: q })}
            </Text>
          ) : (
            <DataTable
              caption={title}
              rows={found}
              id={id}
              columns={edit || actions.length > 0 ? [...columns, last] : columns}
            />
          )
        }
      </Listed>
      {create && open === 'new' && create.dialog(close)}
      {edit && edited && edit.dialog(edited, close)}
      {acting?.action.dialog?.(acting.row, () => setActing(undefined))}
    </Panel>
  );
}
