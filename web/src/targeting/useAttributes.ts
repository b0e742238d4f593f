import { useQuery } from '@tanstack/react-query';
import { api, ask } from '~/api/client';

const BUILT_IN = ['key', 'name', 'anonymous'];

/** Attributes that contexts of a kind were seen with. */
export function useAttributes(projectKey: string, environmentKey: string, kind: string): string[] {
  const seen = useQuery({
    queryKey: ['project', projectKey, environmentKey, 'attributes'],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/context-attributes', {
          params: { path: { projectKey, environmentKey } },
          signal,
        }),
      ),
    staleTime: 60_000,
  });
  const names = (seen.data?.items ?? []).filter((item) => item.kind === kind).flatMap((item) => item.names);
  return [...new Set([...BUILT_IN, ...names.map((item) => item.name)])];
}

/** Values that an attribute was seen with. */
export function useValues(
  projectKey: string,
  environmentKey: string,
  kind: string,
  attribute: string,
): string[] {
  const seen = useQuery({
    queryKey: ['project', projectKey, environmentKey, 'values', attribute],
    queryFn: ({ signal }) =>
      ask(
        api.GET(
          '/api/v2/projects/{projectKey}/environments/{environmentKey}/context-attributes/{attributeName}',
          {
            params: { path: { projectKey, environmentKey, attributeName: attribute } },
            signal,
          },
        ),
      ),
    staleTime: 60_000,
    enabled: attribute !== '' && attribute !== 'segmentMatch',
    retry: false,
  });
  const values = (seen.data?.items ?? []).filter((item) => item.kind === kind).flatMap((item) => item.values);
  return [...new Set(values.map((item) => String(item.name)))].slice(0, 100);
}
