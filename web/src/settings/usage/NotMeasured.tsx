import { List, Text } from '@mantine/core';
import { useText } from '~/i18n/text';
import { Panel } from '~/ui/Panel';

/** What the API has series of that are always empty: Wigwag does not do what they would count. */
export function NotMeasured() {
  const t = useText();
  return (
    <Panel
      title={t('Not measured here')}
      text={t('The API answers these with empty series: Wigwag has nothing to count for them.')}
    >
      <List size="sm" c="dimmed" spacing={2}>
        <List.Item>{t('Keys of experiments')}</List.Item>
        <List.Item>
          {t('Exports of data: published events, rows in warehouses, the ranking of projects')}
        </List.Item>
        <List.Item>{t('Observability: sessions, errors, logs, traces, metrics and its assistant')}</List.Item>
      </List>
      <Text size="sm" c="dimmed" mt="sm">
        {t('Evaluations are charted on the page of their flag.')}
      </Text>
    </Panel>
  );
}
