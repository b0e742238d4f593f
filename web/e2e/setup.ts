import { start, startFilled } from './server';

/**
 * One server for all tests: the real binary, with the seeded account, and as many flags more as `FILL` says. Tests make
 * what they change themselves.
 */
export default async function setup() {
  if (process.env.WIGWAG_AT) return undefined;
  const fill = Number(process.env.FILL ?? 0);
  const server = fill > 0 ? await startFilled(fill) : await start();
  Object.assign(process.env, {
    WIGWAG_AT: server.at,
    WIGWAG_PASSWORD: server.password,
    WIGWAG_TOKEN: server.token,
  });
  return server.stop;
}
