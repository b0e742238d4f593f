import { Button, Group, MultiSelect, Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rolesQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { ConfirmByKey } from '~/ui/ConfirmByKey';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { personName } from '~/ui/person';
import { useRoleNames } from './useRoleNames';
import { useSend } from './useSend';

/** What a member may do, and the end of their membership. */
export function MemberDialog({ member, close }: { member: Schemas['MemberRep']; close: () => void }) {
  const t = useText();
  const names = useRoleNames();
  const [removing, setRemoving] = useState(false);
  const [role, setRole] = useState<string>(member.role);
  const [own, setOwn] = useState(member.customRoles);
  const roles = useQuery(rolesQuery);
  const path = `/api/v2/members/${member._id}`;
  const body = [
    ...(role === member.role ? [] : [{ op: 'replace', path: '/role', value: role }]),
    ...(own.join() === member.customRoles.join()
      ? []
      : [{ op: 'replace', path: '/customRoles', value: own }]),
  ];
  const save = useSend('PATCH', close);
  const remove = useSend('DELETE', close);
  if (removing) {
    return (
      <ConfirmByKey
        title={t('Remove {who}?', { who: personName(member) })}
        text={t(
          'Their sessions end and their access tokens stop working. What they changed stays in the history.',
        )}
        itsKey={member.email}
        label={t('Remove')}
        pending={remove.isPending}
        error={remove.error}
        close={close}
        submit={() => remove.mutate({ path })}
        aside={<CopyAs call={{ method: 'DELETE', path }} />}
      />
    );
  }
  return (
    <FormDialog
      title={personName(member)}
      label={t('Save')}
      close={close}
      submit={() => save.mutate({ path, body })}
      pending={save.isPending}
      error={save.error}
      disabled={body.length === 0}
      aside={<CopyAs call={{ method: 'PATCH', path, body }} />}
    >
      <Text size="sm" c="dimmed">
        {member.email}
      </Text>
      <Select
        label={t('Base role')}
        description={t('It counts while there are no own roles.')}
        data={['reader', 'writer', 'admin', 'no_access', ...(member.role === 'owner' ? ['owner'] : [])].map(
          (value) => ({
            value,
            label: names[value] ?? value,
          }),
        )}
        value={role}
        disabled={member.role === 'owner'}
        onChange={(value) => value && setRole(value)}
      />
      <MultiSelect
        label={t('Own roles')}
        data={(roles.data?.items ?? []).map((one) => ({ value: one._id, label: one.name }))}
        value={own}
        onChange={setOwn}
        searchable
      />
      <Group>
        <Button
          variant="outline"
          color="signal"
          size="compact-sm"
          disabled={member.role === 'owner'}
          onClick={() => setRemoving(true)}
        >
          {t('Remove from the account…')}
        </Button>
      </Group>
    </FormDialog>
  );
}
