// npm run seed: fills a server with the account that pictures and tests use.
//   WIGWAG_URL=http://127.0.0.1:8030 WIGWAG_TOKEN=api-… npm run seed
import { seed } from './seed';

const { WIGWAG_URL = 'http://127.0.0.1:8030', WIGWAG_TOKEN } = process.env;
if (!WIGWAG_TOKEN) throw new Error('set WIGWAG_TOKEN to an access token of an admin');
await seed(WIGWAG_URL, WIGWAG_TOKEN);
