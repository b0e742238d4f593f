import { useQueries } from '@tanstack/react-query';
import { flexRender, getCoreRowModel, useReactTable } from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useNavigate } from '@tanstack/react-router';
import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Schemas } from '~/api/client';
import { FLAGS_PAGE, flagsPage } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { FlagRow } from './FlagRow';
import { flagColumns } from './flagColumns';
import { SelectAll } from './SelectBoxes';
import { useSelection } from './selection';
import { HIDDEN, useFlagSearch } from './useFlagSearch';
import classes from './FlagsTable.module.css';

interface Props {
  project: string;
  env: string;
  environments: Schemas['EnvironmentRep'][];
  total: number;
}

const ROW = 61;

/** How wide a column is: the name takes what is left. */
function track(id: string, size: number, narrow: boolean): string {
  if (id === 'flag') return `minmax(${narrow ? 0 : size}px, 1fr)`;
  // On a telephone the box and the state take as little as they can.
  return narrow ? (id === 'select' ? '34px' : '128px') : `${size}px`;
}

/** Only the rows in sight exist, and only their pages are asked for. */
export function FlagsTable({ project, env, environments, total }: Props) {
  const t = useText();
  const { search } = useFlagSearch();
  const { toggle } = useSelection();
  const navigate = useNavigate();
  const [at, setAt] = useState(-1);
  const body = useRef<HTMLDivElement>(null);
  const [above, setAbove] = useState(0);
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top ?? 0;
    setAbove(top + window.scrollY);
  }, [environments.length]);
  const envs = useMemo(() => environments.map((one) => one.key), [environments]);
  const columns = useMemo(() => {
    const query = { filter: search.filter, sort: search.sort, envs };
    return flagColumns(t, project, environments, <SelectAll project={project} query={query} total={total} />);
  }, [t, project, environments, envs, search.filter, search.sort, total]);
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  // On a telephone a row is a flag and its state in the environment of the page.
  const left = narrow
    ? columns.map(({ id = '' }) => id).filter((id) => !['select', 'flag', `env:${env}`].includes(id))
    : (search.hide ?? HIDDEN).split(',');
  const hidden = Object.fromEntries(left.map((id) => [id, false]));
  const table = useReactTable<Flag>({
    data: NONE,
    columns,
    getCoreRowModel: getCoreRowModel(),
    state: { columnVisibility: hidden },
  });
  const virtual = useWindowVirtualizer({
    count: total,
    estimateSize: () => ROW,
    overscan: 8,
    scrollMargin: above,
  });
  const rows = virtual.getVirtualItems();
  const first = Math.floor((rows[0]?.index ?? 0) / FLAGS_PAGE);
  const last = Math.floor((rows.at(-1)?.index ?? 0) / FLAGS_PAGE);
  const pages = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const found = useQueries({
    queries: pages.map((page) => ({
      ...flagsPage(project, { filter: search.filter, sort: search.sort, envs, page }),
      enabled: envs.length > 0,
    })),
  });
  const flagAt = (index: number): Flag | undefined => {
    const page = Math.floor(index / FLAGS_PAGE);
    return found[page - first]?.data?.items[index - page * FLAGS_PAGE];
  };
  const step = (by: number) => {
    const next = Math.min(total - 1, Math.max(0, at + by));
    setAt(next);
    virtual.scrollToIndex(next);
  };
  const open = () => {
    const flag = flagAt(at);
    if (flag)
      void navigate({ to: '/projects/$project/$env/flags/$flag', params: { project, env, flag: flag.key } });
  };
  const choose = () => {
    const flag = flagAt(at);
    if (flag) toggle(flag);
  };
  useHotkeys([
    ['x', choose],
    ['j', () => step(1)],
    ['k', () => step(-1)],
    ['Enter', open, { preventDefault: false }],
  ]);
  const shown = table.getVisibleLeafColumns();
  const width = shown.reduce((sum, column) => sum + column.getSize(), 0);
  const template = shown.map(({ id, getSize }) => track(id, getSize(), narrow)).join(' ');
  const offset = rows[0] ? rows[0].start - virtual.options.scrollMargin : 0;
  return (
    <div className={classes.frame}>
      <div
        role="table"
        aria-label={t('Flags')}
        aria-rowcount={total + 1}
        className={classes.table}
        style={{ minWidth: narrow ? undefined : width }}
      >
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.row} style={{ gridTemplateColumns: template }}>
            {table.getFlatHeaders().map((header) => (
              <div role="columnheader" key={header.id} className={classes.th}>
                {flexRender(header.column.columnDef.header, header.getContext())}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" ref={body} style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          <div style={{ transform: `translateY(${offset}px)` }} role="presentation">
            {rows.map(({ index, key }) => (
              <FlagRow
                key={key}
                index={index}
                flag={flagAt(index)}
                columns={shown.map((column) => column.columnDef)}
                template={template}
                current={index === at}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

const NONE: Flag[] = [];
