import { MultiSelect, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Needs } from '~/access/questions';
import { membersQuery, rolesQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { NameAndKeyOf, useNameAndKeyErrors } from '~/forms/NameAndKeyOf';
import { useText } from '~/i18n/text';
import { personName } from '~/ui/person';
import { terraform } from '~/ui/terraform';
import { teamInstructions } from './instructions';

interface Props {
  team?: Schemas['Team'];
  close: () => void;
}

/** Creates or changes a team: its members and the roles they have through it. */
export function TeamDialog(props: Props) {
  const members = useQuery(membersQuery).data?.items;
  const roles = useQuery(rolesQuery).data?.items;
  // The form begins with who is in it.
  return members && roles ? <TeamForm {...props} members={members} roles={roles} /> : null;
}

interface FormProps extends Props {
  members: Schemas['MemberRep'][];
  roles: Schemas['CustomRole'][];
}

function TeamForm({ team, members, roles, close }: FormProps) {
  const t = useText();
  const errors = useNameAndKeyErrors();
  const initial = {
    name: team?.name ?? '',
    key: team?.key ?? '',
    description: team?.description ?? '',
    memberIDs: members.filter((one) => one.teams.some(({ key }) => key === team?.key)).map((one) => one._id),
    customRoleKeys: team?.roles?.items.map((role) => role.key) ?? [],
  };
  const at = `team/${team?.key ?? '*'}`;
  const needs: Needs = team ? ['updateTeamName', at] : ['createTeam', at];
  return (
    <EditDialog
      draft={`team.${team?.key ?? ''}`}
      title={team ? t('Edit {what}', { what: team.name }) : t('Create a team')}
      label={team ? t('Save') : t('Create team')}
      needs={needs}
      initial={initial}
      validate={errors}
      close={close}
      say={(field, value) =>
        field === 'memberIDs'
          ? (value as string[]).map((id) => personName(members.find((one) => one._id === id))).join(', ')
          : undefined
      }
      call={(values) => {
        if (!team) return request('post', '/api/v2/teams', { body: values });
        const instructions = teamInstructions(initial, values);
        if (instructions.length === 0) return undefined;
        return request('patch', '/api/v2/teams/{teamKey}', {
          path: { teamKey: team.key },
          body: { instructions },
          semantic: true,
        });
      }}
      terraform={(values) =>
        terraform('team', values.key, {
          key: values.key,
          name: values.name,
          description: values.description || undefined,
          member_ids: values.memberIDs,
          custom_role_keys: values.customRoleKeys,
        })
      }
    >
      {(form) => (
        <>
          {team?._idpSynced && (
            <Text size="sm" c="dimmed">
              {t('The provider of single sign-on decides who is in it.')}
            </Text>
          )}
          <NameAndKeyOf form={form} fixed={team !== undefined} />
          <Textarea label={t('Description')} autosize {...form.getInputProps('description')} />
          <MultiSelect
            label={t('Members')}
            searchable
            data={members.map((one) => ({ value: one._id, label: personName(one) }))}
            {...form.getInputProps('memberIDs')}
          />
          <MultiSelect
            label={t('Roles')}
            searchable
            data={roles.map((one) => ({ value: one.key, label: one.name }))}
            {...form.getInputProps('customRoleKeys')}
          />
        </>
      )}
    </EditDialog>
  );
}
