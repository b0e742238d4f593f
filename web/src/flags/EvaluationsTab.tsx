import { Badge, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { EnvDot } from '~/shell/EnvDot';
import { useEnvironments } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { Panel } from '~/ui/Panel';
import { EvaluationsChart } from './EvaluationsChart';
import { statusQuery } from './life';
import { useStatusWords } from './useStatusWords';
import { WhyPanel } from '~/contexts/WhyPanel';

/** Whether SDKs ask for the flag, and what one context gets and why. */
export function EvaluationsTab({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  const t = useText();
  const environments = useEnvironments(project);
  const status = useQuery(statusQuery(project, flag.key));
  const names = useStatusWords();
  return (
    <Stack gap={0}>
      <EvaluationsChart project={project} env={env} flag={flag} />
      <Panel
        flush
        title={t('Asked for by SDKs')}
        text={t(
          'New: never asked for. Active: asked for in the last week. Inactive: not any more. Launched: everybody gets the same.',
        )}
      >
        <Table verticalSpacing="sm" horizontalSpacing="lg">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('Environment')}</Table.Th>
              <Table.Th>{t('Status')}</Table.Th>
              <Table.Th>{t('Last evaluated')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {environments.map((one) => {
              const found = status.data?.environments[one.key];
              return (
                <Table.Tr key={one.key}>
                  <Table.Td>
                    <Group gap="xs">
                      <EnvDot color={one.color} />
                      {one.name}
                    </Group>
                  </Table.Td>
                  <Table.Td>
                    <Badge color={asked(found?.name) ? 'sea' : 'gray'}>
                      {found ? names[found.name] : '…'}
                    </Badge>
                  </Table.Td>
                  <Table.Td>
                    <Text size="sm" c="dimmed">
                      <Ago at={found?.lastRequested ? Date.parse(found.lastRequested) : undefined} />
                    </Text>
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Panel>
      <WhyPanel project={project} env={env} flag={flag.key} />
    </Stack>
  );
}

const asked = (status: string | undefined) => status === 'active' || status === 'launched';
