import { Badge, Button, Group, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Flag } from '~/api/types';
import { WhyButton } from '~/contexts/WhyButton';
import { FlagCell } from '~/flags/FlagCell';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { More } from '~/ui/More';
import { Panel } from '~/ui/Panel';
import { CopyDialog } from './CopyDialog';
import { summary } from './differs';
import { differencesQuery } from './differencesQuery';
import classes from './compare.module.css';

interface Props {
  project: string;
  env: string;
  other: string;
}

/** Flags that do not do the same in two environments, the newest first. */
export function EnvironmentsPanel({ project, env, other }: Props) {
  const t = useText();
  const [copying, setCopying] = useState<Flag>();
  const environments = useEnvironments(project);
  const name = (key: string) => environments.find((one) => one.key === key)?.name ?? key;
  const query = useInfiniteQuery(differencesQuery(project, env, other));
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <LoadingPage />;
  const flags = query.data.pages.flatMap((page) => page.items);
  const { seen = 0, total = 0 } = query.data.pages.at(-1) ?? {};
  const looked = t('{seen, number} of {total, number} flags were compared.', { seen, total });
  if (flags.length === 0) {
    return (
      <EmptyState
        icon={<IconArrowsDiff size={40} stroke={1.4} color="var(--muted)" aria-hidden />}
        title={query.hasNextPage ? t('No difference so far') : t('No difference')}
        text={query.hasNextPage ? looked : t('Every flag does the same in both environments.')}
        action={<More list={query} label={t('Compare more flags')} />}
      />
    );
  }
  return (
    <Panel flush>
      <Table verticalSpacing="sm" horizontalSpacing="md" className={classes.pair}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('Flag')}</Table.Th>
            <Table.Th>{name(env)}</Table.Th>
            <Table.Th>{name(other)}</Table.Th>
            <Table.Th>
              <VisuallyHidden>{t('Actions')}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {flags.map((flag) => (
            <Table.Tr key={flag.key}>
              <Table.Td>
                <FlagCell project={project} env={env} flag={flag} />
              </Table.Td>
              {[env, other].map((one) => {
                const { on, text } = summary(t, flag, one);
                return (
                  <Table.Td key={one} data-head={name(one)}>
                    <Group gap="xs" wrap="nowrap">
                      <Badge color={on ? 'sea' : 'gray'} w={46} flex="none">
                        {on ? t('on') : t('off')}
                      </Badge>
                      <Text size="sm" component="div">
                        <WhyButton project={project} env={one} flag={flag.key} name={flag.name}>
                          {text}
                        </WhyButton>
                      </Text>
                    </Group>
                  </Table.Td>
                );
              })}
              <Table.Td ta="end">
                <Button size="compact-sm" variant="default" onClick={() => setCopying(flag)}>
                  {t('Copy…')}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group justify="space-between" px="md" py="xs">
        <Text size="sm" c="dimmed" aria-live="polite">
          {looked}
        </Text>
        <More list={query} label={t('Compare more flags')} />
      </Group>
      {copying && (
        <CopyDialog
          project={project}
          flag={copying}
          from={env}
          to={other}
          close={() => setCopying(undefined)}
        />
      )}
    </Panel>
  );
}
