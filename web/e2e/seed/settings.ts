import type { Api } from './api';

const DAY_MS = 86_400_000;

/** What the settings show besides people: programs that are connected, and what everybody is told. */
export async function seedSettings(api: Api) {
  const beta = { 'LD-API-Version': 'beta' };
  await api.post('/integrations/slack', {
    name: '#releases',
    config: { url: 'https://hooks.slack.example/services/T0/B0/x' },
    on: true,
    tags: ['production'],
  });
  await api.post('/integrations/http', {
    name: 'Change log of operations',
    config: { url: 'https://changes.shop.example/wigwag' },
    on: false,
  });
  await api.post('/account/relay-auto-configs', {
    name: 'Relays in Frankfurt',
    policy: [{ effect: 'allow', actions: ['*'], resources: ['proj/shop:env/production'] }],
  });
  await api.post('/oauth/clients', {
    name: 'Deploy board',
    description: 'Shows which flags are on, beside each deployment',
    redirectUri: 'https://deploys.shop.example/return',
  });
  await api.post('/announcements', {
    title: 'Freeze from Thursday',
    message: 'No changes in production before the sale is over. Ask operations for exceptions.',
    severity: 'warning',
    isDismissible: true,
    startTime: Date.now() + 2 * DAY_MS,
    endTime: Date.now() + 6 * DAY_MS,
  });
  await api.post(
    '/account/ip-allowlist',
    { ipAddress: '203.0.113.0/24', description: 'Office in Berlin' },
    beta,
  );
  await api.post(
    '/account/ip-allowlist',
    { ipAddress: '198.51.100.17', description: 'Way in for those on call' },
    beta,
  );
  await api.post('/tokens', {
    name: 'Read flags of the shop',
    inlineRole: [{ effect: 'allow', actions: ['viewProject'], resources: ['proj/shop'] }],
    expiry: Date.now() + 200 * DAY_MS,
  });
}
