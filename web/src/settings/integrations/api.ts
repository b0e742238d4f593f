import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '~/api/client';

export type Manifest = Schemas['IntegrationManifest'];
export type Subscription = Schemas['Integration'];

export const manifestsQuery = queryOptions({
  queryKey: ['integration-manifests'],
  queryFn: ({ signal }) => ask(api.GET('/api/v2/integration-manifests', { signal })),
  staleTime: Infinity,
});

/** The subscriptions of all integrations. */
export function subscriptionsQuery(manifests: Manifest[] | undefined) {
  return queryOptions({
    queryKey: ['account', 'integrations', manifests?.map(({ key }) => key)],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(
        (manifests ?? []).map(({ key }) =>
          ask(
            api.GET('/api/v2/integrations/{integrationKey}', {
              params: { path: { integrationKey: key } },
              signal,
            }),
          ),
        ),
      );
      return { items: lists.flatMap(({ items }) => items) };
    },
    enabled: manifests !== undefined,
  });
}
