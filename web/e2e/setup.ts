import { start } from './server';

/** One server for all tests: the real binary, with the seeded account. Tests make what they change themselves. */
export default async function setup() {
  if (process.env.WIGWAG_AT) return undefined;
  const server = await start();
  Object.assign(process.env, {
    WIGWAG_AT: server.at,
    WIGWAG_PASSWORD: server.password,
    WIGWAG_TOKEN: server.token,
  });
  return server.stop;
}
