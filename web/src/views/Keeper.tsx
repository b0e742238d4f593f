import { Text } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { Person } from '~/ui/Person';

/** Who looks after a view: a member, or a team. One that is gone is shown by what it was known by. */
export function Keeper({ of }: { of: Schemas['Maintainer'] | undefined }) {
  if (!of) return null;
  if (of.maintainerMember) return <Person of={of.maintainerMember} />;
  return <Text size="sm">{of.maintainerTeam?.name ?? of.id}</Text>;
}
