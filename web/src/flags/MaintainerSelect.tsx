import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { membersQuery, teamsQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { personName } from '~/ui/person';

interface Maintainer {
  member: string | null;
  team: string | null;
}

/** A member or a team looks after something. */
export function MaintainerSelect({
  member,
  team,
  placeholder,
  disabled,
  change,
}: Maintainer & { placeholder?: string; disabled?: boolean; change: (next: Maintainer) => void }) {
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
