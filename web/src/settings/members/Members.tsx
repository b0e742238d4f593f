import { Badge, Group, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRoleNames } from '~/access/useRoleNames';
import { membersQuery } from '~/api/account';
import { request } from '~/api/request';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { Person } from '~/ui/Person';
import { personName } from '~/ui/person';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { InviteDialog } from './InviteDialog';
import { MemberDialog } from './MemberDialog';
import { UnsentMail } from './UnsentMail';

export function Members() {
  const t = useText();
  const roles = useRoleNames();
  return (
    <>
      <ListPage
        title={t('Members')}
        text={t('People who can sign in.')}
        icon={<EmptyIcon of={IconUsers} />}
        empty={{ title: t('No members yet') }}
        query={useQuery(membersQuery)}
        id={(one) => one._id}
        name={personName}
        words={(one) => `${one.email} ${one.role} ${one.teams.map((team) => team.name).join(' ')}`}
        create={{
          label: t('Invite members'),
          needs: ['createMember', 'member/*'],
          dialog: (close) => <InviteDialog close={close} />,
        }}
        edit={{
          needs: (one) => ['updateRole', `member/${one._id}`],
          dialog: (one, close) => <MemberDialog member={one} close={close} />,
        }}
        actions={[
          {
            label: t('End all sessions…'),
            needs: (one) => ['deleteMember', `member/${one._id}`],
            dialog: (one, close) => (
              <ConfirmDialog
                title={t('End all sessions of {who}?', { who: personName(one) })}
                text={t('They have to sign in again, on every device. Their access tokens go on working.')}
                label={t('End sessions')}
                call={request('delete', '/internal/members/{id}/sessions', { path: { id: one._id } })}
                close={close}
              />
            ),
          },
          {
            label: t('Switch the second factor off…'),
            when: (one) => one.mfa === 'enabled',
            needs: (one) => ['resetMemberMfa', `member/${one._id}`],
            dialog: (one, close) => (
              <ConfirmDialog
                title={t('Switch the second factor of {who} off?', { who: personName(one) })}
                text={t('For somebody who lost it. Make sure that it is they who ask.')}
                label={t('Switch off')}
                danger
                call={request('delete', '/internal/members/{id}/totp', { path: { id: one._id } })}
                close={close}
              />
            ),
          },
          {
            label: t('Remove from the account…'),
            danger: true,
            when: (one) => one.role !== 'owner',
            needs: (one) => ['deleteMember', `member/${one._id}`],
            dialog: (one, close) => (
              <RemoveDialog
                title={t('Remove {who}?', { who: personName(one) })}
                text={t(
                  'Their sessions end and their access tokens stop working. What they changed stays in the history.',
                )}
                itsKey={one.email}
                label={t('Remove')}
                call={request('delete', '/api/v2/members/{id}', { path: { id: one._id } })}
                close={close}
              />
            ),
          },
        ]}
        columns={[
          {
            head: t('Member'),
            cell: (one) => (
              <>
                <Person of={one} size={28} />
                {one.firstName && (
                  <Text size="xs" c="dimmed" pl={36}>
                    {one.email}
                  </Text>
                )}
              </>
            ),
          },
          {
            head: t('Role'),
            cell: (one) => (
              <Group gap={4}>
                <Badge color={one.role === 'owner' || one.role === 'admin' ? 'sea' : 'gray'}>
                  {roles[one.role] ?? one.role}
                </Badge>
                {one.customRoles.length > 0 && (
                  <Badge color="gray">
                    {t('{count, plural, one {# own role} other {# own roles}}', {
                      count: one.customRoles.length,
                    })}
                  </Badge>
                )}
              </Group>
            ),
          },
          { head: t('Teams'), cell: (one) => one.teams.map((team) => team.name).join(', '), minor: true },
          {
            head: t('Second factor'),
            cell: (one) =>
              one.mfa === 'enabled' ? (
                t('on')
              ) : (
                <Text size="sm" c="dimmed">
                  {t('off')}
                </Text>
              ),
            minor: true,
          },
          {
            head: t('Last seen'),
            cell: (one) =>
              one._pendingInvite ? <Badge color="gray">{t('invited')}</Badge> : <Ago at={one._lastSeen} />,
            minor: true,
          },
        ]}
      />
      <UnsentMail />
    </>
  );
}
