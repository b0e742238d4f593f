import { Button, MultiSelect, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { membersQuery, rolesQuery, teamsQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { ConfirmByKey } from '~/ui/ConfirmByKey';
import { CopyAs } from '~/ui/CopyAs';
import { DataTable } from '~/ui/DataTable';
import { EmptyState } from '~/ui/EmptyState';
import { FormDialog } from '~/ui/FormDialog';
import { KEY } from '~/ui/keys';
import { NameAndKey } from '~/ui/NameAndKey';
import { Panel } from '~/ui/Panel';
import { personName } from '~/ui/person';
import { Listed } from './Listed';
import { useSend } from './useSend';

export function Teams() {
  const t = useText();
  const [creating, setCreating] = useState(false);
  const [removing, setRemoving] = useState<string>();
  const query = useQuery(teamsQuery);
  const remove = useSend('DELETE', () => setRemoving(undefined));
  return (
    <Panel
      flush
      title={t('Teams')}
      text={t('Members of a team have its roles on top of their own.')}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
          {t('Create team')}
        </Button>
      }
    >
      <Listed query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              icon={<IconUsersGroup size={36} stroke={1.4} color="var(--muted)" aria-hidden />}
              title={t('No teams yet')}
            />
          ) : (
            <DataTable
              caption={t('Teams')}
              rows={items}
              id={(one) => one.key ?? ''}
              columns={[
                {
                  head: t('Team'),
                  cell: (one) => (
                    <>
                      <Text size="sm" fw={580}>
                        {one.name}
                      </Text>
                      <Text size="xs" c="dimmed" className="mono">
                        {one.key}
                      </Text>
                    </>
                  ),
                },
                {
                  head: t('About'),
                  cell: (one) => (
                    <Text size="sm" c="dimmed">
                      {one.description}
                    </Text>
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
                      color="gray"
                      onClick={() => setRemoving(one.key ?? '')}
                    >
                      {t('Delete…')}
                    </Button>
                  ),
                },
              ]}
            />
          )
        }
      </Listed>
      {creating && <CreateTeam close={() => setCreating(false)} />}
      {removing && (
        <ConfirmByKey
          title={t('Delete the team {team}?', { team: removing })}
          text={t('Its members lose the roles they had through it.')}
          itsKey={removing}
          label={t('Delete')}
          pending={remove.isPending}
          error={remove.error}
          close={() => setRemoving(undefined)}
          submit={() => remove.mutate({ path: `/api/v2/teams/${removing}` })}
        />
      )}
    </Panel>
  );
}

function CreateTeam({ close }: { close: () => void }) {
  const t = useText();
  const members = useQuery(membersQuery);
  const roles = useQuery(rolesQuery);
  const form = useForm({
    initialValues: {
      name: '',
      key: '',
      description: '',
      memberIDs: [] as string[],
      customRoleKeys: [] as string[],
    },
    validate: {
      name: (value) => (value.trim() ? null : t('Give the team a name')),
      key: (value) => (KEY.test(value) ? null : t('Letters, digits, dots, dashes and underscores only')),
    },
  });
  const path = '/api/v2/teams';
  const create = useSend('POST', close);
  return (
    <FormDialog
      title={t('Create a team')}
      label={t('Create team')}
      close={close}
      submit={() => form.onSubmit((body) => create.mutate({ path, body }))()}
      pending={create.isPending}
      error={create.error}
      aside={<CopyAs call={{ method: 'POST', path, body: form.values }} />}
    >
      <NameAndKey
        name={form.values.name}
        itsKey={form.values.key}
        nameError={form.errors.name as string}
        keyError={form.errors.key as string}
        onChange={({ name, key }) => form.setValues({ name, key })}
      />
      <Textarea label={t('Description')} {...form.getInputProps('description')} />
      <MultiSelect
        label={t('Members')}
        searchable
        data={(members.data?.items ?? []).map((one) => ({ value: one._id, label: personName(one) }))}
        {...form.getInputProps('memberIDs')}
      />
      <MultiSelect
        label={t('Roles')}
        searchable
        data={(roles.data?.items ?? []).map((one) => ({ value: one.key, label: one.name }))}
        {...form.getInputProps('customRoleKeys')}
      />
    </FormDialog>
  );
}
