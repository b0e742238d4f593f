import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './DataTable.module.css';

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  width?: number | string;
  /** Left out on narrow screens. */
  minor?: boolean;
  end?: boolean;
  /** It is a sentence beside what matters. */
  dimmed?: boolean;
}

/** Of a long list, of which only the rows in sight exist. */
interface Part {
  total: number;
  /** The place of the first row. */
  first: number;
  /** How high what is left out is. */
  before: number;
  after: number;
  /** Told how high each row is. */
  measure: (row: HTMLElement | null) => void;
}

interface Props<T> {
  columns: Column<T>[];
  rows: T[];
  id: (row: T) => string;
  caption: string;
  part?: Part;
}

/** A plain table of a settings page. */
export function DataTable<T>({ columns, rows, id, caption, part }: Props<T>) {
  return (
    <Table
      className={classes.table}
      verticalSpacing={10}
      horizontalSpacing={18}
      // Columns stay where they are while other rows come into sight.
      layout={part ? 'fixed' : undefined}
      aria-rowcount={part && part.total + 1}
    >
      <caption className={classes.hidden}>{caption}</caption>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Table.Th
              key={column.head}
              w={column.width === undefined ? undefined : { base: 'auto', sm: column.width }}
              visibleFrom={column.minor ? 'sm' : undefined}
              ta={column.end ? 'end' : undefined}
            >
              {column.end ? <span className={classes.hidden}>{column.head}</span> : column.head}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {part && <LeftOut height={part.before} columns={columns.length} />}
        {rows.map((row, nth) => (
          <Table.Tr
            key={id(row)}
            ref={part?.measure}
            data-index={part && part.first + nth}
            aria-rowindex={part && part.first + nth + 2}
          >
            {columns.map((column) => (
              <Table.Td
                key={column.head}
                visibleFrom={column.minor ? 'sm' : undefined}
                ta={column.end ? 'end' : undefined}
                className={column.dimmed ? classes.dimmed : undefined}
              >
                {column.cell(row)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
        {part && <LeftOut height={part.after} columns={columns.length} />}
      </Table.Tbody>
    </Table>
  );
}

function LeftOut({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );
}
