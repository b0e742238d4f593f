// Drives an official client-side SDK: JSON-line commands on stdin, one JSON-line answer each on stdout.
// Browser SDKs run in Chromium on a page of an origin of its own. The commands are described in ../../README.md.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { makers, Sessions } from './session.mjs';

const [sdk, bundle] = process.argv.slice(2);

async function inBrowser() {
  const { chromium } = await import('playwright-core');
  const page = '<!doctype html><title>SDK</title><div id="root"></div><script src="/page.js"></script>';
  const script = readFileSync(bundle);
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : page);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const tab = await browser.newPage();
  tab.on('pageerror', (e) => process.stderr.write(`${e.stack ?? e}\n`));
  tab.on('console', (m) => process.stderr.write(`${m.type()}: ${m.text()}\n`));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.evaluate((name) => window.lane.begin(name), sdk);
  return {
    answer: (command) => tab.evaluate((c) => window.lane.answer(c), command),
    async close() {
      await browser.close();
      server.close();
    },
  };
}

async function inNode() {
  const folder = await mkdtemp(path.join(tmpdir(), 'wigwag-node-client-'));
  const close = () => rm(folder, { recursive: true, force: true });
  if (sdk === 'ofrep-node') {
    const { OfrepNode } = await import('./ofrep.mjs');
    return Object.assign(new OfrepNode(), { close });
  }
  const NodeClient = (await import('launchdarkly-node-client-sdk')).default;
  const initialize = (env, context, options) =>
    NodeClient.initialize(env, context, { ...options, localStoragePath: folder });
  const sessions = new Sessions(makers[sdk]({ NodeClient: { initialize } }));
  return { answer: (command) => sessions.answer(command), close };
}

const runner = await (sdk === 'node-client' || sdk === 'ofrep-node' ? inNode() : inBrowser());
for await (const line of readline.createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = { ok: true, ...(await runner.answer(JSON.parse(line))) };
  } catch (e) {
    reply = { ok: false, error: String(e?.stack ?? e) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
await runner.close();
process.exit(0);
