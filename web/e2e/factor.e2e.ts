import { expect, test, type Page } from '@playwright/test';
import { createHmac } from 'node:crypto';
import { knock, settled, signIn, type Theme } from './console';
import { Api } from './seed/api';
import { PASSWORD, READER } from './seed/people';
import { start, type Server } from './server';
import { violations } from './violations';

const OWNER = 'owner@example.com';
/** A member for each theme: each sets up a factor once. */
const MEMBERS: [Theme, string][] = [
  ['light', READER],
  ['dark', 'search.engineer@shop.example'],
];

/** What an authenticator app shows (RFC 6238), now or some steps from now. */
function code(secret: string, steps = 0): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const seed = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', seed).update(step).digest();
  const number = hash.readUInt32BE((hash.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

// On a server of its own: whoever signs in anywhere else has no second factor.
test.describe.serial('a second factor that is demanded', () => {
  const main = (page: Page) => page.getByRole('navigation', { name: 'Main' });
  let server: Server;

  test.beforeAll(async () => {
    server = await start();
  });
  test.afterAll(() => server.stop());

  test('who has none cannot demand one, and who has one can', async ({ page }) => {
    await signIn(page, 'light', OWNER, server.password, server.at);
    const demand = async () => {
      await page.goto(`${server.at}/settings/factor`);
      await settled(page);
      await page.getByText('Admins and owners').click();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await expect(page.getByRole('radio', { name: 'Nobody' })).toBeChecked();
      await page.getByText('Everyone', { exact: true }).click();
      await page.getByRole('button', { name: 'Switch on' }).click();
    };
    await demand();
    await expect(page.getByRole('alert')).toContainText('set up a second factor of your own first');
    await page.goto(`${server.at}/profile`);
    await page.getByRole('button', { name: 'Set up' }).click();
    const dialog = page.getByRole('dialog');
    const secret = (await dialog.getByLabel('the secret', { exact: true }).textContent()) ?? '';
    await dialog.getByLabel('Code that the app shows').fill(code(secret));
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await expect(page.getByLabel('the recovery codes', { exact: true })).toBeVisible();
    await demand();
    await expect(page.getByRole('radio', { name: 'Everyone' })).toBeChecked();
  });

  for (const [theme, email] of MEMBERS) {
    test(`who has none sets one up after the password, ${theme}`, async ({ page }) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await knock(page, theme, email, PASSWORD, server.at);
      await expect(page.getByText('members of this account need an authenticator app')).toBeVisible();
      expect(await violations(page)).toEqual([]);
      // To leave and to come back changes nothing.
      await page.goto(`${server.at}/profile`);
      await page.getByRole('button', { name: 'Set up' }).click();
      const secret = (await page.getByLabel('the secret', { exact: true }).textContent()) ?? '';
      expect(await violations(page)).toEqual([]);
      await page.getByLabel('Code that the app shows').fill('12345');
      await page.getByRole('button', { name: 'Confirm' }).click();
      await expect(page.getByRole('alert')).toContainText('is not the code that the app shows now');
      await page.getByLabel('Code that the app shows').fill(code(secret));
      await page.getByRole('button', { name: 'Confirm' }).click();
      const codes = page.getByLabel('the recovery codes', { exact: true });
      await expect(codes).toHaveText(/^(\S+\s+){9}\S+$/);
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Go on' }).click();
      await expect(main(page)).toBeAttached();
      await page.goto(`${server.at}/settings/factor`);
      await expect(page.getByText('Read only')).toBeVisible();
      await expect(page.getByRole('radio', { name: 'Everyone' })).toBeDisabled();

      // From now on it is asked for.
      await page.context().clearCookies();
      await knock(page, theme, email, PASSWORD, server.at);
      await expect(main(page)).toHaveCount(0);
      await page.getByLabel('Code').fill(code(secret, 1));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(main(page)).toBeAttached();
    });
  }

  test('on a page that is open it is set up on top of it', async ({ page }) => {
    const api = new Api(server.at, server.token);
    const demand = (requireMfa: string) => api.send('PUT', '/internal/require-mfa', { requireMfa });
    await demand('none');
    await signIn(page, 'light', 'payments.engineer@shop.example', PASSWORD, server.at);
    await demand('everyone');
    // The page may have noticed by itself already, and stand behind the dialog.
    await main(page).getByRole('link', { name: 'Segments' }).dispatchEvent('click');
    const dialog = page.getByRole('dialog', { name: 'Your session ended' });
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.getByRole('button', { name: 'Set up' }).click();
    const secret = (await dialog.getByLabel('the secret', { exact: true }).textContent()) ?? '';
    await dialog.getByLabel('Code that the app shows').fill(code(secret));
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Segments');
    await expect(page.getByRole('link', { name: 'Same-day cities' })).toBeVisible();
  });
});
