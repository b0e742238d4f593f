import { flagNow, patchFlag, type FlagChange } from '~/api/flags';
import { asSeen } from '~/api/sequence';
import type { Flag } from '~/api/types';

/** Changes a flag as it was seen; of one that somebody else changed the same way or back, nothing is written. */
export function changeFlag(project: string, seen: Flag, change: FlagChange): Promise<Flag> {
  return asSeen({
    seen,
    look: () => flagNow(project, seen.key),
    holds: (now) => applies(change, now),
    write: (_, basedOn) => patchFlag(project, seen.key, change, basedOn),
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
