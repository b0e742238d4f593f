import { IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, ask } from '~/api/client';
import { everything } from '~/api/everything';
import { request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { NameCell } from '../NameCell';
import { TeamDialog } from './TeamDialog';

export function Teams() {
  const t = useText();
  const query = useQuery({
    queryKey: ['account', 'teams', 'with roles'],
    queryFn: ({ signal }) =>
      everything((page) =>
        ask(api.GET('/api/v2/teams', { params: { query: { ...page, expand: 'members,roles' } }, signal })),
      ),
  });
  return (
    <ListPage
      title={t('Teams')}
      text={t('Members of a team have its roles on top of their own.')}
      icon={<EmptyIcon of={IconUsersGroup} />}
      empty={{
        title: t('No teams yet'),
        text: t('Whoever is in a team has its roles, and flags can be maintained by it.'),
      }}
      query={query}
      id={(one) => one.key}
      name={(one) => one.name}
      words={(one) => `${one.key} ${one.description}`}
      create={{
        label: t('Create team'),
        needs: ['createTeam', 'team/*'],
        dialog: (close) => <TeamDialog close={close} />,
      }}
      edit={{
        needs: (one) => ['updateTeamName', `team/${one.key}`],
        dialog: (one, close) => <TeamDialog team={one} close={close} />,
      }}
      actions={[
        {
          label: t('Delete…'),
          danger: true,
          needs: (one) => ['deleteTeam', `team/${one.key}`],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the team {team}?', { team: one.name })}
              text={t('Its members lose the roles they had through it.')}
              itsKey={one.key}
              call={request('delete', '/api/v2/teams/{teamKey}', { path: { teamKey: one.key } })}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        { head: t('Team'), cell: (one) => <NameCell name={one.name} itsKey={one.key} /> },
        { head: t('About'), cell: (one) => one.description, dimmed: true, minor: true },
        { head: t('Members'), cell: (one) => one.members?.totalCount ?? 0, width: 100 },
        {
          head: t('Roles'),
          cell: (one) => one.roles?.items.map((role) => role.name).join(', ') || '–',
          minor: true,
        },
      ]}
    />
  );
}
