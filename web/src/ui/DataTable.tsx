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
}

interface Props<T> {
  columns: Column<T>[];
  rows: T[];
  id: (row: T) => string;
  caption: string;
}

/** A plain table of a settings page. */
export function DataTable<T>({ columns, rows, id, caption }: Props<T>) {
  return (
    <Table className={classes.table} verticalSpacing={10} horizontalSpacing={18}>
      <caption className={classes.hidden}>{caption}</caption>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Table.Th
              key={column.head}
              w={column.width}
              visibleFrom={column.minor ? 'sm' : undefined}
              ta={column.end ? 'end' : undefined}
            >
              {column.end ? <span className={classes.hidden}>{column.head}</span> : column.head}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={id(row)}>
            {columns.map((column) => (
              <Table.Td
                key={column.head}
                visibleFrom={column.minor ? 'sm' : undefined}
                ta={column.end ? 'end' : undefined}
              >
                {column.cell(row)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
