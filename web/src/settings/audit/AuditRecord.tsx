import { Alert, Anchor, Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconShieldCheck, IconShieldSearch, IconShieldX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useIntl } from 'react-intl';
import { chainQuery } from '~/api/changes';
import { useText } from '~/i18n/text';
import { usePlace } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { CodeBlock } from '~/ui/CodeBlock';
import { Copy } from '~/ui/Copy';
import { ErrorState } from '~/ui/ErrorState';
import { Panel } from '~/ui/Panel';

/** Whether the record of changes is what was written. */
export function AuditRecord() {
  const t = useText();
  const intl = useIntl();
  const place = usePlace();
  const chain = useQuery(chainQuery);
  const found = chain.data;
  const noted = found?.hash ? `${found.seq}:${found.hash}` : '';
  return (
    <Panel
      title={t('Audit record')}
      text={t(
        'Every change carries the hash of the one before. Whatever is altered or taken out afterwards breaks the chain.',
      )}
      actions={
        <Button
          variant="default"
          onClick={() => void chain.refetch()}
          disabled={chain.isPending}
          loading={chain.isRefetching}
        >
          {t('Verify again')}
        </Button>
      }
    >
      <Stack gap="md" aria-live="polite">
        {chain.isPending && (
          <Alert
            color="gray"
            variant="light"
            icon={<IconShieldSearch />}
            title={t('The record is being verified')}
          >
            <Text size="sm" mih={48}>
              {t('Every change since the first is read, with all that it wrote.')}
            </Text>
          </Alert>
        )}
        {chain.isError && <ErrorState error={chain.error} />}
        {found?.intact && (
          <Alert
            color="sea"
            variant="light"
            icon={<IconShieldCheck />}
            title={t('{count} changes, all of them as they were written', {
              count: intl.formatNumber(found.seq),
            })}
          >
            <Text size="sm" mb={6}>
              {t('Verified')} <Ago at={chain.dataUpdatedAt} />.{' '}
              {t('Note this elsewhere: it proves later that nothing before it was changed or cut off.')}
            </Text>
            <Group gap="xs" wrap="nowrap">
              <Code style={{ overflowWrap: 'anywhere' }}>{noted}</Code>
              <Copy value={noted} what={t('sequence and hash')} />
            </Group>
          </Alert>
        )}
        {found && !found.intact && (
          <Alert color="signal" variant="light" icon={<IconShieldX />} title={t('The record was altered')}>
            <Text size="sm">
              {t('Change {number} is not what was written: {problem}.', {
                number: found.seq,
                problem: found.problem,
              })}
            </Text>
          </Alert>
        )}
        <div>
          <Text size="sm" mb={6}>
            {t('Without this server, on a machine that it cannot touch:')}
          </Text>
          <CodeBlock
            text={`wigwag audit export > record.jsonl\nwigwag audit verify --file record.jsonl${noted ? ` --noted ${noted}` : ''}`}
            what={t('the commands')}
          />
        </div>
        {place && (
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                {...props}
                to="/projects/$project/$env/changes"
                params={place}
                search={{ scope: 'account' }}
              />
            )}
          >
            {t('What changed, by whom: the change history')}
          </Anchor>
        )}
      </Stack>
    </Panel>
  );
}
