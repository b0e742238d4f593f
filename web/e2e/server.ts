import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { seed } from './seed/seed';

export interface Server {
  at: string;
  password: string;
  token: string;
  stop: () => void;
}

/** Starts the binary on a free port with a new database, and seeds it. */
export async function start(): Promise<Server> {
  const binary = process.env.WIGWAG_BINARY ?? resolve('../target/debug/wigwag');
  const data = mkdtempSync(join(tmpdir(), 'wigwag-e2e-'));
  const at = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(binary, [
    'serve',
    '--listen',
    at.slice('http://'.length),
    '--data-dir',
    data,
    '--public-url',
    at,
  ]);
  let said = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stderr.resume();
  const stop = () => {
    child.once('exit', () => rmSync(data, { recursive: true, force: true }));
    child.kill('SIGKILL');
  };
  for (const end = Date.now() + 30_000; !said.includes('access token') || !(await ready(at));) {
    if (Date.now() > end || child.exitCode !== null) throw new Error(`${binary} did not start`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
  const after = (label: string) => new RegExp(`^ +${label} {2,}(\\S+)`, 'm').exec(said)?.[1] ?? '';
  const server = { at, password: after('password'), token: after('access token'), stop };
  await seed(at, server.token);
  return server;
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
