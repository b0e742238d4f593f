import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, ask } from '~/api/client';

export function kindsQuery(projectKey: string) {
  return queryOptions({
    queryKey: ['project', projectKey, 'kinds'],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/context-kinds', { params: { path: { projectKey } }, signal }),
      ),
    staleTime: 60_000,
  });
}

/** Kinds of contexts that rules can ask about: those of the project, `user` always. */
export function useKinds(projectKey: string): string[] {
  const kinds = useQuery(kindsQuery(projectKey));
  const known = (kinds.data?.items ?? []).map((kind) => kind.key);
  return ['user', ...known.filter((kind) => kind !== 'user')];
}
