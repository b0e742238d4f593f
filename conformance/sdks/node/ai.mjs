// Drives the official AI SDK for Node, on the Node server SDK, by the commands of ../python/ai.py.
import readline from 'node:readline';
import { init } from '@launchdarkly/node-server-sdk';
import { initAi, LDFeedbackKind } from '@launchdarkly/server-sdk-ai';

const DEFAULT = { enabled: false, model: { name: 'fallback' } };
const silent = () => {};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let client;
let ai;

const fetch = ({ config, context, variables }) => ai.completionConfig(config, context, DEFAULT, variables);

async function told(command) {
  const { enabled, model, provider, messages, tracker } = await fetch(command);
  const { variationKey, version } = tracker.getTrackData();
  return { enabled, model: model ?? null, provider: provider?.name ?? null, messages: messages ?? null, variationKey, version };
}

const commands = {
  async init({ sdkKey, baseUrl, eventsUrl, timeoutMs }) {
    const logger = { debug: silent, info: silent, warn: silent, error: silent };
    client = init(sdkKey, { baseUri: baseUrl, streamUri: baseUrl, eventsUri: eventsUrl, logger });
    const error = await client.waitForInitialization({ timeout: timeoutMs / 1000 }).then(() => null, String);
    ai = initAi(client);
    return { initialized: client.initialized(), error };
  },
  config: told,
  async 'wait-for'(command) {
    const until = Date.now() + command.timeoutMs;
    for (;;) {
      const seen = await told(command);
      if (seen.model?.name === command.model || Date.now() > until) return { met: seen.model?.name === command.model, seen };
      await pause(10);
    }
  },
  async run(command) {
    const { tracker } = await fetch(command);
    tracker.trackDuration(command.durationMs);
    tracker.trackTokens({ total: 12, input: 5, output: 7 });
    tracker.trackSuccess();
    tracker.trackFeedback({ kind: LDFeedbackKind.Positive });
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
