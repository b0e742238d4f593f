import { MultiSelect, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRoleNames } from '~/access/useRoleNames';
import { rolesQuery, teamsQuery } from '~/api/account';
import { request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { notifyDone } from '~/ui/notify';
import { terraform } from '~/ui/terraform';

const ROLES = ['reader', 'writer', 'admin', 'no_access'];

/** Lets people in. */
export function InviteDialog({ close }: { close: () => void }) {
  const t = useText();
  const names = useRoleNames();
  const roles = useQuery(rolesQuery).data?.items ?? [];
  const teams = useQuery(teamsQuery).data?.items ?? [];
  const initial = { email: '', role: 'writer', customRoles: [] as string[], teamKeys: [] as string[] };
  const addresses = (text: string) => text.split(/[\s,;]+/).filter(Boolean);
  const wrong = (text: string) => addresses(text).find((one) => !/^[^@]+@[^@]+$/.test(one));
  return (
    <EditDialog
      draft="invite"
      title={t('Invite members')}
      label={t('Invite')}
      needs={['createMember', 'member/*']}
      initial={initial}
      close={close}
      validate={({ email }) => {
        const found = wrong(email);
        return found ? { email: t('{text} is not an e-mail address', { text: found }) } : {};
      }}
      call={({ email, role, customRoles, teamKeys }) => {
        const body = addresses(email).map((email) => ({
          email,
          role,
          ...(customRoles.length > 0 ? { customRoles } : {}),
          ...(teamKeys.length > 0 ? { teamKeys } : {}),
        }));
        return body.length > 0 ? request('post', '/api/v2/members', { body }) : undefined;
      }}
      terraform={({ email, role, customRoles }) =>
        addresses(email)
          .map((one) => terraform('team_member', one, { email: one, role, custom_roles: customRoles }))
          .join('\n')
      }
      done={({ items }) =>
        notifyDone(
          t('{count, plural, one {One invitation is} other {# invitations are}} on the way', {
            count: items.length,
          }),
        )
      }
    >
      {(form) => (
        <>
          <Textarea
            label={t('E-mail addresses')}
            description={t('Between commas, spaces or lines')}
            autosize
            minRows={3}
            data-autofocus
            {...form.getInputProps('email')}
          />
          <Select
            label={t('Base role')}
            data={ROLES.map((value) => ({ value, label: names[value] ?? value }))}
            {...form.getInputProps('role')}
          />
          {roles.length > 0 && (
            <MultiSelect
              label={t('Own roles')}
              description={t('They take the place of the base role.')}
              data={roles.map((one) => ({ value: one.key, label: one.name }))}
              searchable
              {...form.getInputProps('customRoles')}
            />
          )}
          {teams.length > 0 && (
            <MultiSelect
              label={t('Teams')}
              data={teams.map((one) => ({ value: one.key, label: one.name }))}
              searchable
              {...form.getInputProps('teamKeys')}
            />
          )}
        </>
      )}
    </EditDialog>
  );
}
