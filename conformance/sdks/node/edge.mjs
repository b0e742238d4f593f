// Drives the SDKs for workers at the edge, which read one entry of a key-value store. The store is the platform's; here a
// map stands for it. Commands: `put` lays `text` into the store under `key`; `init`, `evaluate`, `track` and
// `flush` are those of driver.mjs. Started with the name of the platform.
import { createRequire } from 'node:module';
import readline from 'node:readline';

const platform = process.argv[2];
const require = createRequire(import.meta.url);
// Each in the form that Node can load as it is: the others are for bundlers.
const sdks = {
  cloudflare: () => import('@launchdarkly/cloudflare-server-sdk'),
  vercel: () => require('@launchdarkly/vercel-server-sdk'),
};
const { init } = await sdks[platform]();
const store = new Map();
const stores = {
  // A KV namespace gives text, an Edge Config the value.
  cloudflare: { get: async (key) => store.get(key) ?? null },
  vercel: { get: async (key) => (store.has(key) ? JSON.parse(store.get(key)) : undefined) },
};
const silent = () => {};
const logger = { debug: silent, info: silent, warn: silent, error: silent };
let client;

/** These SDKs have no option for the address of events: whoever wants them elsewhere does so in `fetch`. */
function sendEventsTo(address) {
  const { fetch } = globalThis;
  globalThis.fetch = (resource, options) => {
    const url = String(resource.url ?? resource);
    return fetch(url.replace('https://events.launchdarkly.com', address), options);
  };
}

const commands = {
  put({ key, text }) {
    store.set(key, text);
    return {};
  },
  async init({ envId, eventsUrl }) {
    if (eventsUrl) sendEventsTo(eventsUrl);
    client = init(envId, stores[platform], { logger, ...(eventsUrl ? { sendEvents: true } : {}) });
    await client.waitForInitialization({ timeout: 5 });
    return { initialized: client.initialized() };
  },
  async evaluate({ flag, context, default: fallback = null }) {
    const d = await client.variationDetail(flag, context, fallback);
    return { value: d.value ?? null, variation: d.variationIndex ?? null, reason: d.reason };
  },
  track({ event, context, data, metric }) {
    client.track(event, context, data, metric);
    return {};
  },
  async flush() {
    await client.flush();
    return {};
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  let reply;
  try {
    const command = JSON.parse(line);
    reply = { ok: true, ...(await commands[command.cmd](command)) };
  } catch (e) {
    reply = { ok: false, error: String(e?.stack ?? e) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
process.exit(0);
