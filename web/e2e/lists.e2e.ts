import { expect, test } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn } from './console';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');

/** A project of the test's own, with a convention for keys. */
async function project(key: string) {
  await api().post('/projects', {
    name: key,
    key,
    environments: [{ name: 'Test', key: 'test', color: '2f74c0' }],
    namingConvention: { case: 'kebabCase', prefix: 'app-' },
  });
  return `/projects/${key}/test`;
}

interface Flag {
  tags: string[];
  archived: boolean;
  kind: string;
  variations: { value: unknown }[];
  environments: Record<string, { on: boolean }>;
}

const flag = (at: string, key: string) => api().send<Flag>('GET', `/api/v2/flags/${at}/${key}`);

test('many flags are turned on and tagged at once, after a preview, and back', async ({ page }) => {
  const at = await project('bulk');
  for (const key of ['app-one', 'app-two', 'app-three']) await api().post('/flags/bulk', { key, name: key });
  await api().semantic('/flags/bulk/app-two', {
    environmentKey: 'test',
    instructions: [{ kind: 'turnFlagOn' }],
  });
  await signIn(page);
  await page.goto(`${AT()}${at}/flags`);
  await settled(page);
  await page.getByRole('checkbox', { name: /Select all/ }).check();
  const bar = page.getByRole('region', { name: 'Selected flags' });
  await expect(bar).toContainText('3 flags selected');
  await bar.getByRole('button', { name: 'Turn on in' }).click();
  await page.getByRole('menuitem', { name: 'Test' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('2 flags change');
  await expect(dialog).toContainText('1 is so already');
  await dialog.getByRole('button', { name: 'Turn on 2 flags' }).click();
  await expect(page.getByText('2 flags are on in Test')).toBeVisible();
  expect((await flag('bulk', 'app-one')).environments.test?.on).toBe(true);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Undone')).toBeVisible();
  expect((await flag('bulk', 'app-one')).environments.test?.on).toBe(false);
  expect((await flag('bulk', 'app-two')).environments.test?.on).toBe(true);

  await page.getByRole('checkbox', { name: 'Select app-one' }).check();
  await bar.getByRole('button', { name: 'Tags' }).click();
  await page.getByRole('menuitem', { name: 'Add tags…' }).click();
  const tags = page.getByRole('dialog').getByRole('textbox', { name: 'Tags' });
  await tags.fill('later');
  await tags.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Tag 1 flag' }).click();
  await expect(page.getByText('1 flag was tagged')).toBeVisible();
  expect((await flag('bulk', 'app-one')).tags).toEqual(['later']);
});

test('keys follow the convention of the project; JSON and migration flags are made', async ({ page }) => {
  const at = await project('naming');
  await signIn(page);
  await page.goto(`${AT()}${at}/flags?create=1`);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).first().fill('Cart layout');
  await expect(dialog.getByRole('textbox', { name: 'Key' })).toHaveValue('app-cart-layout');
  await dialog.getByRole('textbox', { name: 'Key' }).fill('cartLayout');
  await dialog.getByRole('radio', { name: 'JSON' }).check();
  await dialog.getByRole('textbox', { name: 'Value 1', exact: true }).fill('{"columns": 2}');
  await dialog.getByRole('textbox', { name: 'Value 2', exact: true }).fill('[1, 2');
  await expect(dialog.getByText('This is not JSON')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Value 2', exact: true }).fill('[1, 2]');
  await dialog.getByRole('button', { name: 'Create flag' }).click();
  await expect(dialog.getByText('Keys of this project look like app-new-checkout-page').last()).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Key' }).fill('app-cart');
  await dialog.getByRole('button', { name: 'Create flag' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cart layout');
  expect((await flag('naming', 'app-cart')).variations.map(({ value }) => value)).toEqual([
    { columns: 2 },
    [1, 2],
  ]);

  await page.goto(`${AT()}${at}/flags?create=1`);
  await dialog.getByRole('textbox', { name: 'Name' }).first().fill('New database');
  await dialog.getByRole('radio', { name: 'Migration' }).check();
  await dialog.getByRole('button', { name: 'Create flag' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New database');
  expect((await flag('naming', 'app-new-database')).variations.map(({ value }) => value)).toEqual([
    'off',
    'shadow',
    'live',
    'complete',
  ]);
});

test('a list is saved under a name, and its address opens it', async ({ page, browser }) => {
  await signIn(page);
  await page.goto(`${AT()}/projects/shop/test/flags?filter=tags:payments&sort=name`);
  await settled(page);
  await page.getByRole('button', { name: 'Saved lists' }).click();
  await page.getByRole('textbox', { name: 'Name of the list' }).fill('Money');
  await page.keyboard.press('Enter');
  await page.goto(`${AT()}/projects/shop/test/flags`);
  await settled(page);
  await page.getByRole('button', { name: 'Saved lists' }).click();
  await page.getByRole('menuitem', { name: 'Money' }).click();
  await expect(page.getByRole('button', { name: 'Tag: payments' })).toBeVisible();
  const shared = page.url();
  const other = await (await browser.newContext()).newPage();
  await signIn(other);
  await other.goto(shared);
  await expect(other.getByRole('button', { name: 'Tag: payments' })).toBeVisible();
  await expect(other.getByRole('link', { name: 'Gift cards' })).toBeVisible();
});

test('lists are walked by keys, values say why, and what is not there offers what is', async ({ page }) => {
  await signIn(page);
  await page.goto(`${AT()}/projects/shop/nowhere/segments`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Shop has no environment');
  await page.getByRole('link', { name: 'Production' }).click();
  await settled(page);
  const rows = page.getByRole('table', { name: 'Segments' }).getByRole('link');
  await expect(rows.nth(1)).toBeVisible();
  await page.keyboard.press('j');
  await expect(rows.first()).toBeFocused();
  await page.keyboard.press('j');
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/segments\/.+/);

  await page.goto(`${AT()}/projects/shop/production/compare?with=staging`);
  await settled(page);
  const row = page.getByRole('row', { name: /New checkout/ });
  await row
    .getByRole('button', { name: /Why New checkout/ })
    .first()
    .click();
  const drawer = page.getByRole('dialog');
  await expect(drawer).toContainText('3 rules are tried in order');
  await drawer.getByRole('textbox', { name: 'Key' }).fill('user-99');
  await drawer.getByRole('button', { name: 'Why?' }).click();
  await expect(drawer).toContainText('because of: individual target');
});
