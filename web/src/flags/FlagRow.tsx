import { Skeleton } from '@mantine/core';
import type { ColumnDef } from '@tanstack/react-table';
import type { Flag } from '~/api/types';
import type { FlagColumnMeta } from './flagColumns';
import classes from './FlagsTable.module.css';

interface Props {
  index: number;
  flag: Flag | undefined;
  columns: ColumnDef<Flag>[];
  template: string;
  current: boolean;
}

export function FlagRow({ index, flag, columns, template, current }: Props) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={classes.row}
      data-current={current || undefined}
      data-flag={flag?.key}
      style={{ gridTemplateColumns: template }}
    >
      {columns.map((column) => (
        <div role="cell" key={column.id} className={classes.td}>
          {flag ? (column.meta as FlagColumnMeta).cell(flag) : <Skeleton h={14} w="70%" />}
        </div>
      ))}
    </div>
  );
}
