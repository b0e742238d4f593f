import { Anchor, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useIntl } from 'react-intl';
import { useText } from '~/i18n/text';
import { BarChart, Dot } from './BarChart';
import { sum, type Band } from './scale';
import classes from './charts.module.css';

interface Props {
  label: string;
  times: number[];
  bands: Band[];
  tick: (time: number) => string;
}

/** Bars with their legend and, on request, their numbers as a table. */
export default function StackedChart({ label, times, bands, tick }: Props) {
  const t = useText();
  const intl = useIntl();
  const [numbers, { toggle }] = useDisclosure(false);
  return (
    <>
      <BarChart label={label} times={times} bands={bands} tick={tick} />
      <div className={classes.legend}>
        {bands.map((band) => (
          <span className={classes.key} key={band.id}>
            <Dot color={band.color} />
            {band.label}
            <b>{intl.formatNumber(sum(band.counts))}</b>
          </span>
        ))}
        <Anchor component="button" type="button" size="sm" onClick={toggle} aria-expanded={numbers} ml="auto">
          {numbers ? t('Hide the numbers') : t('Show the numbers')}
        </Anchor>
      </div>
      {numbers && (
        <Table.ScrollContainer minWidth={480} mah={320} mt="sm">
          <Table stickyHeader verticalSpacing={6} aria-label={label}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('Time')}</Table.Th>
                {bands.map((band) => (
                  <Table.Th key={band.id} ta="end">
                    {band.label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {times.map((time, at) => (
                <Table.Tr key={time}>
                  <Table.Td>{intl.formatDate(time, { dateStyle: 'medium', timeStyle: 'short' })}</Table.Td>
                  {bands.map((band) => (
                    <Table.Td key={band.id} ta="end">
                      {intl.formatNumber(band.counts[at] ?? 0)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </>
  );
}
