import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { seed } from './seed/seed';

export interface Server {
  at: string;
  password: string;
  token: string;
  stop: () => Promise<void>;
}

interface Place {
  at: string;
  data: string;
}

/** Most a server may take to be ready: one with very many flags, in a debug build, reads for a while. */
const READY_MS = 120_000;

/** Starts the binary on a free port with a new database, and seeds it. */
export async function start(): Promise<Server> {
  const place = await newPlace();
  const first = await serve(place, FIRST);
  const server = { ...place, ...first.told, stop: () => remove(place, first.end) };
  await seed(server.at, server.token);
  return server;
}

/** The same with the seeded project filled up by `flags` more, below the API: it takes seconds. */
export async function startFilled(flags: number): Promise<Server> {
  const place = await newPlace();
  const first = await serve(place, FIRST);
  await seed(place.at, first.told.token);
  await first.end('SIGTERM');
  const chore = ['xtask', 'fill', place.data, 'shop', String(flags)];
  const filled = spawnSync('cargo', chore, { cwd: resolve('..'), encoding: 'utf8' });
  if (filled.status !== 0) throw new Error(`cargo ${chore.join(' ')}: ${filled.stderr}`);
  const again = await serve(place, 'is ready');
  return { ...place, ...first.told, stop: () => remove(place, again.end) };
}

async function newPlace(): Promise<Place> {
  return {
    data: mkdtempSync(join(tmpdir(), 'wigwag-e2e-')),
    at: `http://127.0.0.1:${await freePort()}`,
  };
}

/** The last that a first start says. */
const FIRST = 'access token';

/** Runs the binary until it answers and has spoken, and says what it told of a new account. */
async function serve({ at, data }: Place, until: string) {
  const binary = process.env.WIGWAG_BINARY ?? resolve('../target/debug/wigwag');
  // Where pages come from elsewhere, they are what sessions are for.
  const shown = process.env.WIGWAG_PAGES ?? at;
  const listen = at.slice('http://'.length);
  const child = spawn(binary, ['serve', '--listen', listen, '--data-dir', data, '--public-url', shown]);
  let said = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stderr.resume();
  const end = (signal: NodeJS.Signals) =>
    new Promise<void>((done) => {
      child.once('exit', () => done());
      child.kill(signal);
    });
  for (const limit = Date.now() + READY_MS; !said.includes(until) || !(await ready(at));) {
    if (Date.now() > limit || child.exitCode !== null) throw new Error(`${binary} did not start`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
  const after = (label: string) => new RegExp(`^ +${label} {2,}(\\S+)`, 'm').exec(said)?.[1] ?? '';
  return { told: { password: after('password'), token: after('access token') }, end };
}

async function remove({ data }: Place, end: (signal: NodeJS.Signals) => Promise<void>) {
  await end('SIGKILL');
  rmSync(data, { recursive: true, force: true });
}

async function ready(at: string): Promise<boolean> {
  return fetch(`${at}/health/ready`).then(
    (answer) => answer.ok,
    () => false,
  );
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
