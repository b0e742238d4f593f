import { init } from '@launchdarkly/node-server-sdk';
import { expect, test } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn } from './console';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');

/** The SDK of the snippet on the page, with what the page says. */
async function connect(key: string) {
  const at = AT();
  const quiet = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
  const client = init(key, {
    baseUri: at,
    streamUri: at,
    eventsUri: at,
    flushInterval: 1,
    application: { id: 'first-run' },
    logger: quiet,
  });
  await client.waitForInitialization({ timeout: 20 });
  return client;
}

test('the first run turns green when a real SDK evaluates the flag', async ({ page }) => {
  await api().post('/projects', {
    key: 'first',
    name: 'First',
    environments: [{ key: 'test', name: 'Test', color: '2f74c0' }],
  });
  const place = '/projects/first/test';
  await signIn(page);
  await page.goto(`${AT()}${place}/flags`);
  await page.getByRole('link', { name: 'Connect an SDK' }).last().click();
  await page.getByRole('link', { name: 'Create flag' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).first().fill('Hello');
  await page.getByRole('dialog').getByRole('button', { name: 'Create flag' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Hello');
  await page.goto(`${AT()}${place}/start`);
  const code = page.getByLabel('the code', { exact: true });
  await expect(code).toContainText(AT());
  const [, key = ''] = /init\('([^']+)'/.exec((await code.textContent()) ?? '') ?? [];
  expect(key).toMatch(/^sdk-/);
  await expect(page.getByText('Waiting for an SDK')).toBeVisible();

  const client = await connect(key);
  try {
    expect(await client.variation('hello', { kind: 'user', key: 'ann' }, true)).toBe(false);
    await expect(page.getByText('An SDK asked for this flag.')).toBeVisible({ timeout: 30_000 });

    // It is among those connected, and gets the next change.
    await page.goto(`${AT()}${place}/instances`);
    await expect(page.getByRole('row', { name: /first-run/ })).toContainText('up to date');
    await api().semantic('/flags/first/hello', {
      environmentKey: 'test',
      instructions: [{ kind: 'turnFlagOn' }],
    });
    await expect
      .poll(() => client.variation('hello', { kind: 'user', key: 'ann' }, false), { timeout: 20_000 })
      .toBe(true);
    await expect(page.getByText('1 of 1').first()).toBeVisible();
    await expect(page.getByText('Everybody has it.')).toBeVisible();

    // What it sends is seen as it comes.
    await page.goto(`${AT()}${place}/events?flag=hello`);
    await expect(page.getByRole('main').getByText('live', { exact: true })).toBeVisible();
    await client.variation('hello', { kind: 'user', key: 'bob' }, false);
    await client.flush();
    const row = page.getByRole('log').getByRole('button').first();
    await expect(row).toContainText('hello');
    await row.click();
    await expect(page.getByLabel('the event', { exact: true })).toContainText('"kind": "summary"');
  } finally {
    client.close();
  }
  await settled(page);
});
