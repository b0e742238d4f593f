import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask } from './client';
import { perform } from './request';
import type { Call } from '~/ui/calls';
import type { Flag, Instruction } from './types';

/** Rows of the list that come at once: a few screens. */
export const FLAGS_PAGE = 50;
/** Most that the API gives at once. */
export const FLAGS_MOST = 100;
/** How lists are sorted unless they say otherwise. */
export const NEWEST = '-creationDate';

/** These filters are of this version of the API, not of later ones. */
const OLDER = '20220603';
const OF_OLDER = ['status:', 'segmentTargeted:'];

export interface FlagsQuery {
  filter?: string;
  sort?: string;
  envs: string[];
  page: number;
  limit?: number;
}

/** One page of the list. */
export function flagsPage(project: string, asked: FlagsQuery) {
  return queryOptions({
    queryKey: ['project', project, 'flags', parameters(asked)],
    queryFn: ({ signal }) => pageOfFlags(project, asked, signal),
    placeholderData: keepPreviousData,
  });
}

/** The same, asked for at once. */
export function pageOfFlags(projectKey: string, asked: FlagsQuery, signal: AbortSignal) {
  const query = parameters(asked);
  return ask(
    api.GET('/api/v2/flags/{projectKey}', {
      params: { path: { projectKey }, query },
      headers: OF_OLDER.some((field) => asked.filter?.includes(field)) ? { 'LD-API-Version': OLDER } : {},
      querySerializer: (given) => listed({ ...given, env: asked.envs }),
      signal,
    }),
  );
}

function parameters({ filter, sort = NEWEST, envs, page, limit = FLAGS_PAGE }: FlagsQuery) {
  return { filter, sort, limit, offset: page * limit, summary: true, env: envs.join('&env=') };
}

/** `env` is repeated; what is not given is left out. */
function listed(query: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') params.append(name, String(one));
    }
  }
  return params.toString();
}

export function flagQuery(projectKey: string, featureFlagKey: string) {
  return queryOptions({
    queryKey: ['project', projectKey, 'flag', featureFlagKey],
    queryFn: ({ signal }) => flagNow(projectKey, featureFlagKey, signal),
  });
}

/** A flag as it is, with what its answer tells: see `sequenceOf`. */
export function flagNow(projectKey: string, featureFlagKey: string, signal?: AbortSignal) {
  const path = { projectKey, featureFlagKey };
  return ask(api.GET('/api/v2/flags/{projectKey}/{featureFlagKey}', { params: { path }, signal }));
}

export interface FlagChange {
  instructions: Instruction[];
  environmentKey?: string;
  comment?: string;
}

/** One semantic patch; `basedOn` is what its maker has seen. */
export function patchFlag(project: string, flag: string, change: FlagChange, basedOn?: number) {
  return perform(patchCall(project, flag, change), basedOn);
}

export const enc = encodeURIComponent;

/** The same as a value, for dialogs that show it as code before it is sent. */
export function patchCall(project: string, flag: string, change: FlagChange): Call<Flag> {
  return {
    method: 'PATCH',
    path: `/api/v2/flags/${enc(project)}/${enc(flag)}`,
    body: change,
    semantic: true,
  };
}
