import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { rolesQuery } from '~/api/account';
import { request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { NameCell } from '../NameCell';
import { RoleDialog } from './RoleDialog';

export function Roles() {
  const t = useText();
  return (
    <ListPage
      title={t('Roles')}
      text={t('Roles of your own say exactly what may be done with what.')}
      icon={<EmptyIcon of={IconShieldCheck} />}
      empty={{
        title: t('No roles of your own yet'),
        text: t('Until then members have a base role: reader, writer or admin.'),
      }}
      query={useQuery(rolesQuery)}
      id={(one) => one.key}
      name={(one) => one.name}
      words={(one) => `${one.key} ${one.description ?? ''}`}
      create={{
        label: t('Create role'),
        needs: ['createRole', 'role/*'],
        dialog: (close) => <RoleDialog close={close} />,
      }}
      edit={{
        needs: (one) => ['updatePolicy', `role/${one.key}`],
        dialog: (one, close) => <RoleDialog role={one} close={close} />,
      }}
      actions={[
        {
          label: t('Delete…'),
          danger: true,
          // Those that came with Wigwag stay.
          when: (one) => one._presetBundleVersion === undefined,
          needs: (one) => ['deleteRole', `role/${one.key}`],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the role {role}?', { role: one.name })}
              text={t('Whoever has no other role is back at the base role.')}
              itsKey={one.key}
              call={request('delete', '/api/v2/roles/{customRoleKey}', { path: { customRoleKey: one.key } })}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        { head: t('Role'), cell: (one) => <NameCell name={one.name} itsKey={one.key} />, width: '32%' },
        { head: t('About'), cell: (one) => one.description, dimmed: true, minor: true },
        {
          head: t('Statements'),
          cell: (one) => one.policy.length + (one._presetStatements?.length ?? 0),
          minor: true,
          width: 110,
        },
      ]}
    />
  );
}
