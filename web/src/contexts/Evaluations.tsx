import { Button, Skeleton, Table, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { valueText } from '~/flags/variation';
import { useText } from '~/i18n/text';
import { ErrorState } from '~/ui/ErrorState';
import { Panel } from '~/ui/Panel';
import { evaluateQuery } from './api';
import { useReasonWords } from './reason';
import { WhyDrawer } from './WhyDrawer';

interface Props {
  project: string;
  env: string;
  context: unknown;
}

/** What a context gets of every flag, each with its why. */
export function Evaluations({ project, env, context }: Props) {
  const t = useText();
  const reason = useReasonWords();
  const [search, setSearch] = useState('');
  const [asked, setAsked] = useState<string>();
  const query = useQuery(evaluateQuery(project, env, context));
  const needle = search.trim().toLowerCase();
  const items = (query.data?.items ?? []).filter((item) =>
    `${item.name} ${item.key}`.toLowerCase().includes(needle),
  );
  return (
    <Panel
      flush
      title={t('Values of all flags')}
      actions={
        <TextInput
          size="xs"
          w={200}
          leftSection={<IconSearch size={14} aria-hidden />}
          placeholder={t('Find a flag')}
          aria-label={t('Find a flag')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      }
    >
      {query.isError ? (
        <ErrorState error={query.error} />
      ) : !query.data ? (
        <Skeleton h={160} m="md" />
      ) : (
        <Table verticalSpacing={9} horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('Flag')}</Table.Th>
              <Table.Th>{t('Value')}</Table.Th>
              <Table.Th visibleFrom="sm">{t('Because of')}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{t('Actions')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((item) => (
              <Table.Tr key={item.key}>
                <Table.Td>
                  <Link
                    to="/projects/$project/$env/flags/$flag"
                    params={{ project, env, flag: item.key }}
                    className="entity"
                  >
                    {item.name || item.key}
                  </Link>
                </Table.Td>
                <Table.Td>
                  <code style={{ wordBreak: 'break-word' }}>{valueText(item._value)}</code>
                </Table.Td>
                <Table.Td visibleFrom="sm">
                  <Text size="sm" c="dimmed">
                    {reason(item.reason)}
                  </Text>
                </Table.Td>
                <Table.Td ta="end">
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    onClick={() => setAsked(item.key)}
                    aria-label={t('Why {flag}?', { flag: item.name || item.key })}
                  >
                    {t('Why?')}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {asked && <WhyDrawer {...{ project, env, context }} flag={asked} close={() => setAsked(undefined)} />}
    </Panel>
  );
}
