import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Needs } from '~/access/questions';
import { api, ask, type Schemas } from '~/api/client';
import { everything } from '~/api/everything';
import { BETA } from '~/api/request';

export type View = Schemas['View'];
export type Linked = Schemas['ViewLinkedResource'];
/** What can be linked to a view. */
export type Linkable = 'flags' | 'segments';

/** Rows of what is linked that are asked for at once; more are found by searching. */
export const LINKED_PAGE = 100;

/** The views of a project by name, with how much is linked to each. */
export function viewsQuery(projectKey: string, filter?: string) {
  return queryOptions({
    queryKey: ['project', projectKey, 'views', filter ?? ''],
    queryFn: ({ signal }) =>
      everything((page) =>
        ask(
          api.GET('/api/v2/projects/{projectKey}/views', {
            params: {
              path: { projectKey },
              query: { ...page, filter, sort: 'name', expand: ['resourceSummary'] },
            },
            signal,
          }),
        ),
      ),
    placeholderData: keepPreviousData,
  });
}

export function viewQuery(projectKey: string, viewKey: string) {
  return queryOptions({
    queryKey: ['project', projectKey, 'view', viewKey],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/views/{viewKey}', {
          params: { path: { projectKey, viewKey }, query: { expand: ['resourceSummary'] } },
          signal,
        }),
      ),
  });
}

/** What is linked to a view, newest first. */
export function linkedQuery(projectKey: string, viewKey: string, resourceType: Linkable, query = '') {
  return queryOptions({
    queryKey: ['project', projectKey, 'view', viewKey, resourceType, query],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/views/{viewKey}/linked/{resourceType}', {
          params: {
            path: { projectKey, viewKey, resourceType },
            query: { limit: LINKED_PAGE, sort: 'name', expand: ['resourceDetails'], ...(query && { query }) },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** The views that a flag or a segment is linked to. */
export function inViewsQuery(
  projectKey: string,
  resourceType: Linkable,
  resourceKey: string,
  environmentId?: string,
) {
  return queryOptions({
    queryKey: ['project', projectKey, 'views of', resourceType, resourceKey, environmentId],
    queryFn: ({ signal }) =>
      everything((page) =>
        ask(
          api.GET('/api/v2/projects/{projectKey}/view-associations/{resourceType}/{resourceKey}', {
            params: { path: { projectKey, resourceType, resourceKey }, query: { ...page, environmentId } },
            signal,
          }),
        ),
      ),
  });
}

/** The SDK keys that deliver nothing but what is in a view, in all environments. */
export function heldKeysQuery(projectKey: string, viewKey: string) {
  return queryOptions({
    queryKey: ['project', projectKey, 'view', viewKey, 'sdk-keys'],
    queryFn: ({ signal }) =>
      everything((page) =>
        ask(
          api.GET('/api/v2/projects/{projectKey}/sdk-keys', {
            params: {
              path: { projectKey },
              query: {
                ...page,
                filter: `viewKey equals ${JSON.stringify(viewKey)}`,
                expand: 'environmentSummary,viewSummaries',
              },
              header: BETA,
            },
            signal,
          }),
        ),
      ),
  });
}

/** An action on a view as policies name it; on any view without a key. */
export function onView(action: string, project: string, view = '*'): Needs {
  return [action, `proj/${project}:view/${view}`];
}

export const LINK = { flags: 'linkFlagToView', segments: 'linkSegmentToView' } as const;
export const UNLINK = { flags: 'unlinkFlagFromView', segments: 'unlinkSegmentFromView' } as const;
