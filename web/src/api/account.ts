import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from './client';
import { everything } from './everything';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => ask(api.GET('/internal/session')),
  staleTime: 60_000,
});

/** All projects with their environments: the switcher holds them. */
export const projectsQuery = queryOptions({
  queryKey: ['account', 'projects'],
  queryFn: ({ signal }) =>
    everything((page) =>
      ask(api.GET('/api/v2/projects', { params: { query: { ...page, expand: 'environments' } }, signal })),
    ),
  staleTime: 60_000,
});

/** The environments of a project in its own order, where they were asked for. */
export function environmentsOf(project: Schemas['ProjectRep'] | undefined): Schemas['EnvironmentRep'][] {
  const listed = project?.environments;
  return (Array.isArray(listed) ? listed : listed?.items) ?? [];
}

/** Those of a project by its key. */
export function environmentsIn(projects: Schemas['ProjectRep'][], project: string) {
  return environmentsOf(projects.find(({ key }) => key === project));
}

export const membersQuery = queryOptions({
  queryKey: ['account', 'members'],
  queryFn: ({ signal }) =>
    everything((page) => ask(api.GET('/api/v2/members', { params: { query: page }, signal }))),
});

export const teamsQuery = queryOptions({
  queryKey: ['account', 'teams'],
  queryFn: ({ signal }) =>
    everything((page) => ask(api.GET('/api/v2/teams', { params: { query: page }, signal }))),
});

export const rolesQuery = queryOptions({
  queryKey: ['account', 'roles'],
  queryFn: ({ signal }) =>
    everything((page) => ask(api.GET('/api/v2/roles', { params: { query: page }, signal }))),
});

/** Tags in use, for suggestions. */
export const tagsQuery = queryOptions({
  queryKey: ['account', 'tags'],
  queryFn: ({ signal }) => ask(api.GET('/api/v2/tags', { signal })),
});

/** Why the caller may or may not do something. */
export function accessQuery(action: string, resource: string) {
  return queryOptions({
    queryKey: ['account', 'access', action, resource],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v2/explain-access', { params: { query: { action, resource } }, signal })),
    staleTime: 60_000,
  });
}
