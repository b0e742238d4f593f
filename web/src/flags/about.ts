import type { Flag, Instruction } from '~/api/types';
import { useText } from '~/i18n/text';
import { same } from '~/forms/threeWay';
import type { Maintainer } from './MaintainerSelect';
import type { Sentence } from '~/targeting/useSentences';

/** What a flag is called and who it belongs to: the same in all environments. */
export interface About {
  name: string;
  description: string;
  tags: string[];
  maintainer: Maintainer;
  client: boolean;
  mobile: boolean;
  temporary: boolean;
}

export function aboutOf(flag: Flag): About {
  return {
    name: flag.name,
    description: flag.description,
    tags: flag.tags,
    maintainer: { member: flag.maintainerId ?? null, team: flag.maintainerTeamKey ?? null },
    client: flag.clientSideAvailability.usingEnvironmentId,
    mobile: flag.clientSideAvailability.usingMobileKey,
    temporary: flag.temporary,
  };
}

/** The actions by the part that they change, in every environment. */
export const ABOUT_ACTIONS = {
  name: 'updateName',
  description: 'updateDescription',
  tags: 'updateTags',
  maintainer: 'updateMaintainer',
  sdks: 'updateClientSideFlagAvailability',
  temporary: 'updateTemporary',
} as const;
export type AboutPart = keyof typeof ABOUT_ACTIONS;

/** The parts that differ. */
export function aboutParts(was: About, now: About): AboutPart[] {
  const differs: Record<AboutPart, boolean> = {
    name: was.name !== now.name,
    description: was.description !== now.description,
    tags: !same(was.tags, now.tags),
    maintainer: !same(was.maintainer, now.maintainer),
    sdks: was.client !== now.client || was.mobile !== now.mobile,
    temporary: was.temporary !== now.temporary,
  };
  return (Object.keys(differs) as AboutPart[]).filter((part) => differs[part]);
}

/** The instructions that make `now` of `was`. */
export function aboutInstructions(was: About, now: About): Instruction[] {
  const added = now.tags.filter((tag) => !was.tags.includes(tag));
  const removed = was.tags.filter((tag) => !now.tags.includes(tag));
  const side = (on: boolean, value: string) => ({
    kind: on ? 'turnOnClientSideAvailability' : 'turnOffClientSideAvailability',
    value,
  });
  const list: (Instruction | false)[] = [
    now.name !== was.name && { kind: 'updateName', value: now.name },
    now.description !== was.description && { kind: 'updateDescription', value: now.description },
    added.length > 0 && { kind: 'addTags', values: added },
    removed.length > 0 && { kind: 'removeTags', values: removed },
    !same(was.maintainer, now.maintainer) && maintained(now.maintainer),
    now.client !== was.client && side(now.client, 'usingEnvironmentId'),
    now.mobile !== was.mobile && side(now.mobile, 'usingMobileKey'),
    now.temporary !== was.temporary && { kind: now.temporary ? 'makeFlagTemporary' : 'makeFlagPermanent' },
  ];
  return list.filter((one) => one !== false);
}

function maintained({ member, team }: Maintainer): Instruction {
  if (team) return { kind: 'updateMaintainerTeam', value: team };
  return member ? { kind: 'updateMaintainerMember', value: member } : { kind: 'removeMaintainer' };
}

/** The same in words. */
export function useAboutSentences(was: About, now: About): Sentence[] {
  const t = useText();
  const list: (Sentence | false)[] = [
    was.name !== now.name && { sign: '~', text: t('Call it {name}', { name: now.name }) },
    was.description !== now.description && {
      sign: '~',
      text: t('Describe it as: {text}', { text: now.description }),
    },
    !same(was.tags, now.tags) && {
      sign: '~',
      text: t('Its tags are: {tags}', { tags: now.tags.join(', ') || t('none') }),
    },
    !same(was.maintainer, now.maintainer) && {
      sign: '~',
      text: t('It has another maintainer'),
    },
    (was.client !== now.client || was.mobile !== now.mobile) && {
      sign: '~',
      text: t('Other SDKs may see it'),
    },
    was.temporary !== now.temporary && {
      sign: '~',
      text: now.temporary ? t('It is temporary') : t('It is permanent'),
    },
  ];
  return list.filter((one) => one !== false);
}
