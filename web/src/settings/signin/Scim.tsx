import { Badge, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { membersQuery, teamsQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { CodeBlock } from '~/ui/CodeBlock';
import { Panel } from '~/ui/Panel';

const WIDE = { itemWrapper: { display: 'block' }, itemLabel: { display: 'block' } };

/** How a directory creates and removes members and teams. */
export function Scim() {
  const t = useText();
  const members = useQuery(membersQuery).data?.items.length;
  const synced = useQuery(teamsQuery).data?.items.filter((team) => team._idpSynced).length;
  return (
    <Panel
      title={t('Provisioning (SCIM)')}
      text={t('Your directory creates, changes and removes members and teams by itself.')}
      actions={
        <>
          {members !== undefined && (
            <Badge size="lg" color="gray">
              {t('{count, plural, one {# member} other {# members}}', { count: members })}
            </Badge>
          )}
          {synced !== undefined && (
            <Badge size="lg" color={synced > 0 ? 'sea' : 'gray'}>
              {t('{count, plural, one {# team} other {# teams}} from the directory', { count: synced })}
            </Badge>
          )}
        </>
      }
    >
      <Stack gap="md">
        <List size="sm" spacing={10} type="ordered" styles={WIDE}>
          <List.Item>
            {t('Give the directory this address (SCIM 2.0):')}
            <CodeBlock text={`${location.origin}/scim/v2`} what={t('the address for SCIM')} />
          </List.Item>
          <List.Item>
            <Link to="/settings/$section" params={{ section: 'tokens' }} search={{ open: 'new' }}>
              {t('Create a service token')}
            </Link>{' '}
            {t(
              'with the role admin, or with a policy that allows createMember, and enter it there as bearer token.',
            )}
          </List.Item>
          <List.Item>
            {t(
              'Users of the directory become members, and its groups become teams; give those their roles here.',
            )}
          </List.Item>
        </List>
        <Text size="sm" c="dimmed">
          {t('Whoever the directory switches off cannot sign in, and their access tokens are refused.')}
        </Text>
      </Stack>
    </Panel>
  );
}
