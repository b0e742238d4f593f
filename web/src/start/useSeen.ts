import { useQuery } from '@tanstack/react-query';
import { api, ask } from '~/api/client';

/** Events of SDKs are no changes: the page asks for them itself. */
const ASK_EVERY_MS = 2_000;

/** When an SDK last evaluated a flag in an environment. */
export function useSeen(
  projectKey: string,
  environmentKey: string,
  flag: string | undefined,
): number | undefined {
  const path = { projectKey, environmentKey, featureFlagKey: flag ?? '' };
  const status = useQuery({
    queryKey: ['project', projectKey, 'seen', environmentKey, flag],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/flag-statuses/{projectKey}/{environmentKey}/{featureFlagKey}', {
          params: { path },
          signal,
        }),
      ),
    enabled: flag !== undefined,
    refetchInterval: (query) => (query.state.data?.lastRequested ? false : ASK_EVERY_MS),
  });
  const at = status.data?.lastRequested;
  return at ? Date.parse(at) : undefined;
}
