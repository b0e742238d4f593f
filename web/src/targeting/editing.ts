import { createContext, use } from 'react';
import type { Explanation } from '~/access/questions';
import type { Schemas } from '~/api/client';
import type { Flag } from '~/api/types';
import type { Draft } from './draft';
import type { Matches } from './useMatches';

export type Note = Schemas['LintFinding'];

export interface Editing {
  project: string;
  env: string;
  flag: Flag;
  draft: Draft;
  /** What was loaded, to tell what is staged. */
  base: Draft;
  set: (change: (draft: Draft) => Draft) => void;
  /** Of the linter, about the draft. */
  notes: Note[];
  /** Whom each part decides for; unknown while it is asked, and in the past. */
  matches?: Matches;
  readOnly: boolean;
}

/** Where conditions are edited: of a flag or of a segment. */
export interface EditPlace {
  project: string;
  env: string;
  readOnly: boolean;
  /** Why it is, where rights are the reason. */
  refusal?: Explanation;
}

export const EditPlaceContext = createContext<EditPlace>({ project: '', env: '', readOnly: true });

export function useEditPlace(): EditPlace {
  return use(EditPlaceContext);
}

export const EditContext = createContext<Editing | undefined>(undefined);

export function useEditing(): Editing {
  const editing = use(EditContext);
  if (!editing) throw new Error('not inside an editor');
  return editing;
}
