import { flagNow, patchFlag, type FlagChange } from '~/api/flags';
import { asSeen } from '~/api/sequence';
import type { Flag } from '~/api/types';

/** Changes a flag that is shown in a list; where somebody else was first to do so, nothing is written. */
export function changeFlag(project: string, flag: string, change: FlagChange): Promise<Flag> {
  return asSeen({
    look: () => flagNow(project, flag),
    holds: (now) => applies(change, now),
    write: (_, basedOn) => patchFlag(project, flag, change, basedOn),
  });
}

/** Whether nothing of what a change makes is so already. */
export function applies({ environmentKey = '', instructions }: FlagChange, flag: Flag): boolean {
  return instructions.every(({ kind, values }) => {
    const on = flag.environments?.[environmentKey]?.on;
    const tags = (values ?? []) as string[];
    switch (kind) {
      case 'turnFlagOn':
        return on === false;
      case 'turnFlagOff':
        return on === true;
      case 'addTags':
        return tags.every((tag) => !flag.tags.includes(tag));
      case 'removeTags':
        return tags.every((tag) => flag.tags.includes(tag));
      case 'archiveFlag':
        return !flag.archived;
      case 'restoreFlag':
        return flag.archived;
      default:
        throw new Error(`${kind} is not for many flags`);
    }
  });
}
