import type { Flag, Instruction } from '~/api/types';

/** One thing that is done to many flags. */
export type BulkAction =
  | { kind: 'on' | 'off'; env: string }
  | { kind: 'tag' | 'untag'; tags: string[] }
  | { kind: 'archive' | 'restore' };

export interface BulkPatch {
  flag: Flag;
  environmentKey?: string;
  instructions: Instruction[];
  /** What takes it back. */
  undo: Instruction[];
}

/** The patch of each flag that is not so already; the others are left alone. */
export function bulkPatches(action: BulkAction, flags: Flag[]): BulkPatch[] {
  return flags.flatMap((flag): BulkPatch[] => {
    const patch = patchOf(action, flag);
    return patch ? [{ flag, ...patch }] : [];
  });
}

function patchOf(action: BulkAction, flag: Flag): Omit<BulkPatch, 'flag'> | undefined {
  switch (action.kind) {
    case 'on':
    case 'off': {
      const config = flag.environments?.[action.env];
      const on = action.kind === 'on';
      if (!config || flag.archived || config.on === on) return undefined;
      const [instruction, undo] = on ? ['turnFlagOn', 'turnFlagOff'] : ['turnFlagOff', 'turnFlagOn'];
      return { environmentKey: action.env, ...both({ kind: instruction }, { kind: undo }) };
    }
    case 'tag': {
      const values = action.tags.filter((tag) => !flag.tags.includes(tag));
      if (values.length === 0) return undefined;
      return both({ kind: 'addTags', values }, { kind: 'removeTags', values });
    }
    case 'untag': {
      const values = action.tags.filter((tag) => flag.tags.includes(tag));
      if (values.length === 0) return undefined;
      return both({ kind: 'removeTags', values }, { kind: 'addTags', values });
    }
    case 'archive':
      return flag.archived ? undefined : both({ kind: 'archiveFlag' }, { kind: 'restoreFlag' });
    case 'restore':
      return flag.archived ? both({ kind: 'restoreFlag' }, { kind: 'archiveFlag' }) : undefined;
  }
}

function both(instruction: Instruction, undo: Instruction) {
  return { instructions: [instruction], undo: [undo] };
}

/** Runs jobs a few at a time; answers those that failed, with their errors. */
export async function fewAtOnce<T>(
  jobs: T[],
  run: (job: T) => Promise<unknown>,
  done: (count: number) => void,
  atOnce = 4,
): Promise<{ job: T; error: unknown }[]> {
  const failed: { job: T; error: unknown }[] = [];
  let next = 0;
  let count = 0;
  const worker = async () => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
      try {
        await run(job);
      } catch (error) {
        failed.push({ job, error });
      }
      done(++count);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, worker));
  return failed;
}
