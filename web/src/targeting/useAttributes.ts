import { useQuery } from '@tanstack/react-query';
import { api, ask } from '~/api/client';

const BUILT_IN = ['key', 'name', 'anonymous'];

/** Attributes that contexts of a kind were seen with; asked for once they are `wanted`. */
export function useAttributes(
  projectKey: string,
  environmentKey: string,
  kind: string,
  wanted: boolean,
): string[] {
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
    enabled: wanted,
  });
  const names = (seen.data?.items ?? []).filter((item) => item.kind === kind).flatMap((item) => item.names);
  return [...new Set([...BUILT_IN, ...names.map((item) => item.name)])];
}

/** Values that an attribute was seen with; asked for once they are `wanted`. */
export function useValues(
  projectKey: string,
  environmentKey: string,
  kind: string,
  attribute: string,
  wanted: boolean,
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
    enabled: wanted && attribute !== '' && attribute !== 'segmentMatch',
    retry: false,
  });
  const values = (seen.data?.items ?? []).filter((item) => item.kind === kind).flatMap((item) => item.values);
  return [...new Set(values.map((item) => String(item.name)))].slice(0, 100);
}
