import type { QueryClient } from '@tanstack/react-query';
import { flagQuery } from '~/api/flags';
import type { Flag, Instruction } from '~/api/types';
import type { Draft } from './draft';
import { instructions } from './instructions';

/** The patch as the server takes it: prerequisites name a variation of another flag, which is asked for here. */
export async function patchOf(
  queries: QueryClient,
  project: string,
  flag: Flag,
  before: Draft,
  after: Draft,
) {
  const list = instructions(before, after, flag.variations);
  return Promise.all(
    list.map((one) => (one.kind.endsWith('Prerequisite') ? named(queries, project, one) : one)),
  );
}

async function named(queries: QueryClient, project: string, instruction: Instruction): Promise<Instruction> {
  const { variation, ...rest } = instruction;
  if (variation === undefined) return rest;
  const other = await queries.ensureQueryData(flagQuery(project, String(instruction.key)));
  return { ...rest, variationId: other.variations[Number(variation)]?._id };
}
