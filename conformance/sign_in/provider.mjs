// An OpenID Connect provider with its own sign-in pages: node provider.mjs PORT REDIRECT_URI ACCOUNTS
// ACCOUNTS is a file, read anew each time: {"ada": {"email": ..., "groups": [...]}, ...}. Says "ready" once it is.
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const [port, redirectUri, accounts] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'wigwag',
      client_secret: 'the secret of wigwag, long enough',
      redirect_uris: [redirectUri],
    },
  ],
  claims: {
    email: ['email', 'email_verified'],
    profile: ['given_name', 'family_name'],
    groups: ['groups'],
  },
  scopes: ['openid', 'groups'],
  pkce: { required: () => true, methods: ['S256'] },
  cookies: { keys: ['of the test only'] },
  findAccount: (_, id) => {
    const account = JSON.parse(readFileSync(accounts, 'utf8'))[id];
    return account && { accountId: id, claims: () => ({ sub: id, ...account }) };
  },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
