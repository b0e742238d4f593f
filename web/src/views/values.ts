import type { Schemas } from '~/api/client';
import type { View } from './api';

/** What is typed about a view. */
export interface ViewValues {
  name: string;
  key: string;
  description: string;
  tags: string[];
  /** A member by id. */
  member: string | null;
  /** A team by key; a view has one of both. */
  team: string | null;
  sdkKeys: boolean;
}

export function viewValues(view: View | undefined): ViewValues {
  const { id, kind } = view?.maintainer ?? {};
  return {
    name: view?.name ?? '',
    key: view?.key ?? '',
    description: view?.description ?? '',
    tags: view?.tags ?? [],
    member: kind === 'member' ? (id ?? null) : null,
    team: kind === 'team' ? (id ?? null) : null,
    sdkKeys: view?.generateSdkKeys ?? false,
  };
}

/** What makes `now` of `was`; nothing is named that stays. A maintainer is taken away by an empty name. */
export function viewPatch(was: ViewValues, now: ViewValues): Schemas['ViewPatch'] {
  const moved = was.member !== now.member || was.team !== now.team;
  return {
    ...(was.name !== now.name && { name: now.name }),
    ...(was.description !== now.description && { description: now.description }),
    ...(was.tags.join() !== now.tags.join() && { tags: now.tags }),
    ...(moved && (now.team ? { maintainerTeamKey: now.team } : { maintainerId: now.member ?? '' })),
    ...(was.sdkKeys !== now.sdkKeys && { generateSdkKeys: now.sdkKeys }),
  };
}
