import type { Api } from './api';

const DAY_MS = 86_400_000;

/** Groups of flags and segments, one of them with an SDK key that delivers nothing else, and one put away. */
export async function seedViews(api: Api) {
  const { items } = await api.send<{ items: { key: string; _id: string }[] }>(
    'GET',
    '/api/v2/projects/shop/environments',
  );
  const environmentId = items.find(({ key }) => key === 'production')?._id;
  const views = '/projects/shop/views';
  await api.post(views, {
    key: 'checkout',
    name: 'Checkout',
    description: 'From the cart to the receipt: what the service of checkout asks for.',
    tags: ['payments'],
    maintainerTeamKey: 'payments',
  });
  await api.post(views, {
    key: 'finding',
    name: 'Search and catalogue',
    description: 'What customers see until they choose.',
    tags: ['catalogue', 'search'],
  });
  await api.post(views, { key: 'summer-sale', name: 'Summer sale', description: 'Over since August.' });
  await api.post(`${views}/checkout/link/flags`, { filter: 'tags:checkout' });
  await api.post(`${views}/checkout/link/segments`, {
    segmentIdentifiers: ['beta-testers', 'staff'].map((segmentKey) => ({ environmentId, segmentKey })),
  });
  await api.post(`${views}/finding/link/flags`, { filter: 'tags:search' });
  await api.post(`${views}/finding/link/flags`, { filter: 'tags:catalogue' });
  await api.send('PATCH', `/api/v2${views}/summer-sale`, { archived: true });
  const beta = { 'LD-API-Version': 'beta' };
  await api.post(
    '/projects/shop/environments/production/sdk-keys',
    {
      key: 'checkout-service',
      name: 'Checkout service',
      kind: 'sdk',
      expiry: Date.now() + 80 * DAY_MS,
      viewKeys: ['checkout'],
    },
    beta,
  );
}
