import { Badge, Button, Group, Select, Text, Textarea } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { membersQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { CopyAs } from '~/ui/CopyAs';
import { DataTable } from '~/ui/DataTable';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { Person } from '~/ui/Person';
import { Listed } from './Listed';
import { MemberDialog } from './MemberDialog';
import { useRoleNames } from './useRoleNames';
import { useSend } from './useSend';

export function Members() {
  const t = useText();
  const roles = useRoleNames();
  const [inviting, setInviting] = useState(false);
  const [editing, setEditing] = useState<string>();
  const query = useQuery(membersQuery);
  const member = query.data?.items.find((one) => one._id === editing);
  return (
    <Panel
      flush
      title={t('Members')}
      text={t('People who can sign in.')}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setInviting(true)}>
          {t('Invite members')}
        </Button>
      }
    >
      <Listed query={query}>
        {({ items }) => (
          <DataTable
            caption={t('Members')}
            rows={items}
            id={(one) => one._id}
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
                  one._pendingInvite ? (
                    <Badge color="gray">{t('invited')}</Badge>
                  ) : (
                    <Ago at={one._lastSeen} />
                  ),
                minor: true,
              },
              {
                head: t('Actions'),
                end: true,
                cell: (one) => (
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    onClick={() => setEditing(one._id)}
                    aria-label={t('Edit {what}', { what: one.email })}
                  >
                    {t('Edit')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Listed>
      {inviting && <Invite close={() => setInviting(false)} />}
      {member && <MemberDialog member={member} close={() => setEditing(undefined)} />}
    </Panel>
  );
}

function Invite({ close }: { close: () => void }) {
  const t = useText();
  const roles = useRoleNames();
  const [text, setText] = useState('');
  const [role, setRole] = useState('writer');
  const addresses = text.split(/[\s,;]+/).filter(Boolean);
  const body = addresses.map((email) => ({ email, role }));
  const path = '/api/v2/members';
  const invite = useSend('POST', () => {
    notifyDone(
      t('{count, plural, one {One invitation is} other {# invitations are}} on the way', {
        count: addresses.length,
      }),
    );
    close();
  });
  return (
    <FormDialog
      title={t('Invite members')}
      label={t('Invite')}
      close={close}
      submit={() => invite.mutate({ path, body })}
      pending={invite.isPending}
      error={invite.error}
      disabled={addresses.length === 0}
      aside={<CopyAs call={{ method: 'POST', path, body }} />}
    >
      <Textarea
        label={t('E-mail addresses')}
        description={t('Between commas, spaces or lines')}
        autosize
        minRows={3}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
      <Select
        label={t('Role')}
        data={['reader', 'writer', 'admin', 'no_access'].map((value) => ({
          value,
          label: roles[value] ?? value,
        }))}
        value={role}
        onChange={(value) => setRole(value ?? 'reader')}
      />
    </FormDialog>
  );
}
