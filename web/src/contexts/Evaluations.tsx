import { Skeleton, Table, Text, VisuallyHidden } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { FlagLink } from '~/flags/FlagCell';
import { valueText } from '~/flags/variation';
import { useText } from '~/i18n/text';
import { ErrorState } from '~/ui/ErrorState';
import { More } from '~/ui/More';
import { Panel } from '~/ui/Panel';
import { SearchField } from '~/ui/SearchField';
import { evaluateQuery } from './api';
import { useReasonWords } from './reason';
import { WhyButton } from './WhyButton';

interface Props {
  project: string;
  env: string;
  context: unknown;
  /** What the flags are searched for; it is in the address. */
  q: string | undefined;
  find: (q: string | undefined) => void;
}

/** What a context gets of every flag, each with its why. */
export function Evaluations({ project, env, context, q = '', find }: Props) {
  const t = useText();
  const reason = useReasonWords();
  const search = useDebouncedCallback((text: string) => find(text.trim() || undefined), 180);
  const query = useInfiniteQuery(evaluateQuery(project, env, context, q));
  const pages = query.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const total = pages[0]?.totalCount ?? 0;
  return (
    <Panel
      flush
      title={t('Values of all flags')}
      text={query.data && t('{count, plural, =0 {no flag} one {# flag} other {# flags}}', { count: total })}
      actions={
        <SearchField
          label={t('Find a flag')}
          size="xs"
          w={200}
          defaultValue={q}
          onChange={(event) => search(event.currentTarget.value)}
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
                  <FlagLink project={project} env={env} flag={item} />
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
                  <WhyButton {...{ project, env, context }} flag={item.key} name={item.name} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <More list={query} label={t('More flags')} />
    </Panel>
  );
}
