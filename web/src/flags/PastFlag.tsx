import { Badge, Group, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { draftOf } from '~/targeting/draft';
import { EnvSwitch } from '~/targeting/EnvSwitch';
import { TargetingStack } from '~/targeting/TargetingStack';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Panel } from '~/ui/Panel';
import { pastFlagQuery } from './past';
import { VariationsTable } from './VariationsTable';

interface Props {
  project: string;
  env: string;
  flag: string;
  at: number;
}

/** A flag as it was: to be read. */
export function PastFlag({ project, env, flag: key, at }: Props) {
  const t = useText();
  const past = useQuery(pastFlagQuery(project, key, at));
  const environment = useEnvironments(project).find((one) => one.key === env);
  if (past.isError) return <ErrorState error={past.error} />;
  if (!past.data) return <LoadingPage />;
  const flag: Flag = past.data;
  const config = flag.environments?.[env];
  const draft = config && draftOf(config);
  return (
    <>
      <Group justify="space-between" mb="sm" gap="sm">
        <EnvSwitch project={project} env={env} flag={flag} />
        {config && (
          <Text size="xs" c="dimmed">
            {t('Version {version}', { version: config.version })}
          </Text>
        )}
      </Group>
      {draft ? (
        <TargetingStack
          key={at}
          name={environment?.name ?? env}
          editing={{
            ...{ project, env, flag, draft, notes: [], readOnly: true },
            base: draft,
            set: () => undefined,
          }}
        />
      ) : (
        <EmptyState title={t('The environment did not exist then')} />
      )}
      <Panel flush title={t('Variations')}>
        <VariationsTable flag={flag} />
      </Panel>
      <Panel title={t('About this flag')}>
        <Table variant="vertical" withRowBorders={false} layout="fixed">
          <Table.Tbody>
            <Table.Tr>
              <Table.Th w={160}>{t('Name')}</Table.Th>
              <Table.Td>{flag.name}</Table.Td>
            </Table.Tr>
            <Table.Tr>
              <Table.Th>{t('Description')}</Table.Th>
              <Table.Td>{flag.description || '–'}</Table.Td>
            </Table.Tr>
            <Table.Tr>
              <Table.Th>{t('Tags')}</Table.Th>
              <Table.Td>
                {flag.tags.length === 0 ? '–' : flag.tags.map((tag) => <Badge key={tag}>{tag}</Badge>)}
              </Table.Td>
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </Panel>
    </>
  );
}
