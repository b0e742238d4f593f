import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { membersQuery, teamsQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { personName } from '~/ui/person';

/** One of both, or nobody. */
export interface Maintainer {
  /** A member by id. */
  member: string | null;
  /** A team by key. */
  team: string | null;
}

interface Props {
  value: Maintainer;
  placeholder?: string;
  disabled?: boolean;
  change: (next: Maintainer) => void;
}

/** A member or a team looks after something. */
export function MaintainerSelect({ value: { member, team }, placeholder, disabled, change }: Props) {
  const t = useText();
  const members = useQuery(membersQuery);
  const teams = useQuery(teamsQuery);
  const people = (members.data?.items ?? []).map((one) => ({
    value: `m/${one._id}`,
    label: personName(one),
  }));
  const groups = (teams.data?.items ?? []).map((one) => ({
    value: `t/${one.key}`,
    label: one.name || one.key,
  }));
  const value = team ? `t/${team}` : member ? `m/${member}` : null;
  return (
    <Select
      label={t('Maintainer')}
      searchable
      clearable
      placeholder={placeholder}
      disabled={disabled}
      data={[
        { group: t('Members'), items: people },
        { group: t('Teams'), items: groups },
      ]}
      value={value}
      onChange={(next) =>
        change({
          member: next?.startsWith('m/') ? next.slice(2) : null,
          team: next?.startsWith('t/') ? next.slice(2) : null,
        })
      }
    />
  );
}

/** What the field of a form that holds a maintainer says in words. */
export function useSayMaintainer() {
  const members = useQuery(membersQuery).data?.items;
  const teams = useQuery(teamsQuery).data?.items;
  return (field: string, value: unknown): string | undefined => {
    if (field !== 'maintainer') return undefined;
    const { member, team } = value as Maintainer;
    if (team) return teams?.find((one) => one.key === team)?.name ?? team;
    return personName(members?.find((one) => one._id === member)) || (member ?? '');
  };
}
