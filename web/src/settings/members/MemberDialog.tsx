import { MultiSelect, Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Needs } from '~/access/questions';
import { useRoleNames } from '~/access/useRoleNames';
import { rolesQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { personName } from '~/ui/person';
import { terraform } from '~/ui/terraform';

const ROLES = ['reader', 'writer', 'admin', 'no_access'];

/** What a member may do. */
export function MemberDialog({ member, close }: { member: Schemas['MemberRep']; close: () => void }) {
  const t = useText();
  const names = useRoleNames();
  const roles = useQuery(rolesQuery).data?.items ?? [];
  const initial = { role: member.role as string, customRoles: member.customRoles };
  const owner = member.role === 'owner';
  const at = `member/${member._id}`;
  const needs: Needs[] = [
    ['updateRole', at],
    ['updateCustomRole', at],
  ];
  const keys = (ids: string[]) => ids.map((id) => roles.find((one) => one._id === id)?.key ?? id);
  return (
    <EditDialog
      draft={`member.${member._id}`}
      title={personName(member)}
      label={t('Save')}
      needs={needs}
      initial={initial}
      close={close}
      say={(field, value) =>
        field === 'customRoles'
          ? (value as string[]).map((id) => roles.find((one) => one._id === id)?.name ?? id).join(', ')
          : names[String(value)]
      }
      call={(values) => {
        const body = replaced(initial, values);
        if (body.length === 0) return undefined;
        return request('patch', '/api/v2/members/{id}', { path: { id: member._id }, body });
      }}
      terraform={({ role, customRoles }) =>
        terraform('team_member', member.email, { email: member.email, role, custom_roles: keys(customRoles) })
      }
    >
      {(form) => (
        <>
          <Text size="sm" c="dimmed">
            {member.email}
          </Text>
          <Select
            label={t('Base role')}
            description={t('It counts while there are no own roles.')}
            data={[...ROLES, ...(owner ? ['owner'] : [])].map((value) => ({
              value,
              label: names[value] ?? value,
            }))}
            disabled={owner}
            {...form.getInputProps('role')}
          />
          <MultiSelect
            label={t('Own roles')}
            data={roles.map((one) => ({ value: one._id, label: one.name }))}
            searchable
            disabled={owner}
            {...form.getInputProps('customRoles')}
          />
          {member.teams.length > 0 && (
            <Text size="sm">
              {t('Through teams also: {roles}', {
                roles: [...new Set(member.teams.flatMap((team) => team.customRoleKeys))].join(', ') || '–',
              })}
            </Text>
          )}
        </>
      )}
    </EditDialog>
  );
}
