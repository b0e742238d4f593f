// Drives the official Node server SDK: JSON-line commands on stdin, one JSON-line answer each on
// stdout. The commands are described in ../../README.md.
import readline from 'node:readline';

// An older generation of the SDK may be named.
const sdk = await import(process.argv[2] ?? '@launchdarkly/node-server-sdk');
const { init } = sdk.default ?? sdk;

const clients = new Map();

/** The newer protocol, as the SDK uses it by default and by polling alone. */
const dataSystems = {
  'fdv2-streaming': { dataSourceOptionsType: 'standard' },
  'fdv2-polling': { dataSourceOptionsType: 'pollingOnly' },
};

/** A client with what the SDK told us about its data source. */
class Session {
  constructor({ sdkKey, baseUrl, eventsUrl, mode, pollIntervalMs }) {
    this.logs = [];
    this.lastError = null;
    this.failed = false;
    const keep = (level) => (...args) => this.logs.push({ level, message: args.join(' ') });
    this.client = init(sdkKey, {
      baseUri: baseUrl,
      streamUri: baseUrl,
      eventsUri: eventsUrl ?? baseUrl,
      application: { id: 'conformance', version: '1.2' },
      ...(dataSystems[mode] ? { dataSystem: { dataSource: dataSystems[mode] } } : { stream: mode === 'streaming' }),
      ...(pollIntervalMs ? { pollInterval: pollIntervalMs / 1000 } : {}),
      logger: { debug() {}, info() {}, warn: keep('warn'), error: keep('error') },
    });
    this.client.on('error', (e) => this.note(e));
    this.client.on('failed', (e) => {
      this.failed = true;
      this.note(e);
    });
  }

  note(e) {
    this.lastError = { kind: e?.kind ?? null, status: e?.status ?? e?.code ?? null, message: String(e?.message ?? e) };
  }

  /** A refused stream's status gets lost on the way to the event; the log line has it. */
  error() {
    if (!this.lastError) return null;
    const logged = this.logs.map((l) => /error (\d{3})\b/.exec(l.message)).findLast(Boolean);
    return { ...this.lastError, status: this.lastError.status ?? (logged ? Number(logged[1]) : null) };
  }

  status() {
    const initialized = this.client.initialized();
    return {
      initialized,
      // This SDK has no public data source status: only what its events told.
      state: this.failed ? 'OFF' : initialized ? 'VALID' : 'INITIALIZING',
      lastError: this.error(),
    };
  }

  async evaluate({ flag, context, default: fallback = null }) {
    const d = await this.client.variationDetail(flag, context, fallback);
    return { value: d.value ?? null, variation: d.variationIndex ?? null, reason: d.reason };
  }
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function meets(seen, expect) {
  if ('value' in expect && !same(seen.value, expect.value)) return false;
  if ('variation' in expect && seen.variation !== expect.variation) return false;
  return Object.entries(expect.reason ?? {}).every(([k, v]) => same(seen.reason[k], v));
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Looks every millisecond at first (latencies are measured), then less often. */
async function waitFor(session, command) {
  const start = performance.now();
  for (;;) {
    const seen = await session.evaluate(command);
    const atMs = performance.timeOrigin + performance.now();
    const elapsed = performance.now() - start;
    if (meets(seen, command.expect)) return { met: true, atMs, seen };
    if (elapsed > command.timeoutMs) return { met: false, atMs, seen };
    await pause(elapsed < 3000 ? 1 : 25);
  }
}

const commands = {
  async init(command) {
    const session = new Session(command);
    clients.set(command.client ?? 'main', session);
    try {
      await session.client.waitForInitialization({ timeout: command.timeoutMs / 1000 });
    } catch (e) {
      if (!session.lastError) session.note(e);
    }
    return session.status();
  },
  evaluate: (command, session) => session.evaluate(command),
  async 'evaluate-many'(command, session) {
    const results = [];
    for (const item of command.items) results.push(await session.evaluate(item));
    return { results };
  },
  'wait-for': (command, session) => waitFor(session, command),
  async 'all-flags'({ context }, session) {
    const state = await session.client.allFlagsState(context, { withReasons: true });
    return { valid: state.valid, state: state.toJSON() };
  },
  status: async (_, session) => session.status(),
  async track({ event, context, data, metric }, session) {
    session.client.track(event, context, data ?? undefined, metric ?? undefined);
    return {};
  },
  async flush(_, session) {
    await session.client.flush();
    return {};
  },
  logs: async (_, session) => ({ logs: session.logs }),
  async close(command, session) {
    session.client.close();
    clients.delete(command.client ?? 'main');
    return {};
  },
};

async function answer(line) {
  const command = JSON.parse(line);
  const run = commands[command.cmd];
  if (!run) throw new Error(`unknown command ${command.cmd}`);
  const session = clients.get(command.client ?? 'main');
  if (!session && command.cmd !== 'init') throw new Error('no such client');
  return { ok: true, ...(await run(command, session)) };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = await answer(line);
  } catch (e) {
    reply = { ok: false, error: String(e?.stack ?? e) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
process.exit(0);
