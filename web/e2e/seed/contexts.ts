import type { Api } from './api';

const CITIES = ['Berlin', 'Hamburg', 'Vienna', 'Zürich', 'Madrid', 'Paris'];
const COUNTRIES = ['DE', 'DE', 'AT', 'CH', 'ES', 'FR'];

function context(n: number) {
  const place = n % CITIES.length;
  return {
    kind: 'user',
    key: `user-${n}`,
    name: `Customer ${n}`,
    email: n % 12 === 0 ? `user-${n}@shop.example` : `user-${n}@mail.example`,
    plan: ['free', 'gold', 'free', 'platinum'][n % 4],
    country: COUNTRIES[place],
    city: CITIES[place],
    appVersion: `4.${n % 5}.0`,
  };
}

/** Events as an SDK sends them: who was seen, and what was evaluated how often. */
export async function seedContexts(api: Api, count = 240) {
  for (const env of ['production', 'test']) {
    const { apiKey } = await api.send<{ apiKey: string }>('GET', `/api/v2/projects/shop/environments/${env}`);
    const now = Date.now();
    const seen = Array.from({ length: count }, (_, n) => ({
      kind: 'index',
      creationDate: now,
      context: context(n),
    }));
    const counters = [{ variation: 0, version: 2, value: true, count: 180 }];
    const features = Object.fromEntries(
      ['new-checkout', 'dark-mode', 'image-cdn', 'guest-checkout', 'search-ranking'].map((key) => [
        key,
        { default: false, contextKinds: ['user'], counters },
      ]),
    );
    const summary = { kind: 'summary', startDate: now - 60_000, endDate: now, features };
    const response = await fetch(`${api.at}/bulk`, {
      method: 'POST',
      headers: {
        Authorization: apiKey,
        'Content-Type': 'application/json',
        'X-LaunchDarkly-Event-Schema': '4',
        'X-LaunchDarkly-Payload-ID': crypto.randomUUID(),
      },
      body: JSON.stringify([...seen, summary]),
    });
    if (!response.ok) throw new Error(`events: ${response.status} ${await response.text()}`);
  }
}
