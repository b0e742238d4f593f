import { ScrollArea, Table } from '@mantine/core';
import { useIntl } from 'react-intl';
import { useText } from '~/i18n/text';
import type { SeriesOverTime } from './series';

/** The numbers of a chart, newest first. */
export function ValueTable({ times, series, label }: SeriesOverTime & { label: string }) {
  const t = useText();
  const intl = useIntl();
  const rows = times.map((at, index) => ({ at, index })).reverse();
  return (
    <ScrollArea.Autosize mah={300} viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': label }}>
      <Table verticalSpacing={5} stickyHeader style={{ fontVariantNumeric: 'tabular-nums' }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('Time')}</Table.Th>
            {series.map((one, index) => (
              <Table.Th key={index} ta="end">
                {one.name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ at, index }) => (
            <Table.Tr key={at}>
              <Table.Td>{intl.formatDate(at, { dateStyle: 'medium', timeStyle: 'short' })}</Table.Td>
              {series.map((one, which) => (
                <Table.Td key={which} ta="end">
                  {intl.formatNumber(one.values[index] ?? 0)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
