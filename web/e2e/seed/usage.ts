import type { Api } from './api';

const HOUR = 3_600_000;
/** Events older than a day are taken as of now. */
const HOURS = 23;

/** Who evaluates: SDK, application, and a share of the whole. */
const SENDERS = [
  { agent: 'NodeJSClient/9.13.7', application: 'shop-api', share: 1 },
  { agent: 'GoClient/7.10.1', application: 'checkout', share: 0.7 },
  { agent: 'JavaClient/7.8.0', application: 'warehouse', share: 0.25 },
];

/** Flags, how often they are evaluated in an hour, and the share of each variation. */
const ASKED: [flag: string, hourly: number, shares: number[]][] = [
  ['new-checkout', 420, [0.2, 0.8]],
  ['dark-mode', 900, [1]],
  ['image-cdn', 1500, [1]],
  ['guest-checkout', 380, [1]],
  ['search-ranking', 640, [0.6, 0.25, 0.15]],
];

/** A day and a night of evaluations, as several applications tell of them. */
export async function seedUsage(api: Api, env: string) {
  const { apiKey } = await api.send<{ apiKey: string }>('GET', `/api/v2/projects/shop/environments/${env}`);
  const now = Date.now();
  for (const { agent, application, share } of SENDERS) {
    const summaries = Array.from({ length: HOURS }, (_, ago) => {
      const endDate = now - ago * HOUR;
      // Quiet at night.
      const busy = 0.35 + 0.65 * Math.sin((Math.PI * (new Date(endDate).getUTCHours() + 2)) / 24) ** 2;
      const features = Object.fromEntries(
        ASKED.map(([flag, hourly, shares]) => [
          flag,
          {
            default: false,
            contextKinds: ['user'],
            counters: shares.map((part, variation) => ({
              variation,
              version: 2,
              value: variation,
              count: Math.round(hourly * share * busy * part) + 1,
            })),
          },
        ]),
      );
      return { kind: 'summary', startDate: endDate - HOUR, endDate, features };
    });
    const response = await fetch(`${api.at}/bulk`, {
      method: 'POST',
      headers: {
        Authorization: apiKey,
        'Content-Type': 'application/json',
        'User-Agent': agent,
        'X-LaunchDarkly-Tags': `application-id/${application}`,
        'X-LaunchDarkly-Event-Schema': '4',
        'X-LaunchDarkly-Payload-ID': crypto.randomUUID(),
      },
      body: JSON.stringify(summaries),
    });
    if (!response.ok) throw new Error(`events: ${response.status} ${await response.text()}`);
  }
}
