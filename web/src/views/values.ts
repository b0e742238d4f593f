import type { Schemas } from '~/api/client';
import type { Maintainer } from '~/flags/MaintainerSelect';
import { same } from '~/forms/threeWay';
import type { View } from './api';

/** What is typed about a view. */
export interface ViewValues {
  name: string;
  key: string;
  description: string;
  tags: string[];
  maintainer: Maintainer;
  sdkKeys: boolean;
}

export function viewValues(view: View | undefined): ViewValues {
  const { id, kind } = view?.maintainer ?? {};
  return {
    name: view?.name ?? '',
    key: view?.key ?? '',
    description: view?.description ?? '',
    tags: view?.tags ?? [],
    maintainer: {
      member: kind === 'member' ? (id ?? null) : null,
      team: kind === 'team' ? (id ?? null) : null,
    },
    sdkKeys: view?.generateSdkKeys ?? false,
  };
}

/** What makes `now` of `was`; nothing is named that stays. A maintainer is taken away by an empty name. */
export function viewPatch(was: ViewValues, now: ViewValues): Schemas['ViewPatch'] {
  const { member, team } = now.maintainer;
  return {
    ...(was.name !== now.name && { name: now.name }),
    ...(was.description !== now.description && { description: now.description }),
    ...(was.tags.join() !== now.tags.join() && { tags: now.tags }),
    ...(!same(was.maintainer, now.maintainer) &&
      (team ? { maintainerTeamKey: team } : { maintainerId: member ?? '' })),
    ...(was.sdkKeys !== now.sdkKeys && { generateSdkKeys: now.sdkKeys }),
  };
}
