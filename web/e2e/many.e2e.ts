import { expect, test, type Page } from '@playwright/test';
import { AT, settled, signIn } from './console';
import { Api } from './seed/api';
import { startFilled, type Server } from './server';

/** What the flag list is made for. */
const FLAGS = Number(process.env.MANY_FLAGS ?? 50_000);
/** What is waited for at most, wherever all flags are gone through: a debug build on a busy machine takes its time. */
const PATIENCE = { timeout: 60_000 };

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');

test('a list of segments longer than a page is looked through to its end', async ({ page }) => {
  await api().post('/projects', {
    key: 'groups',
    name: 'Groups',
    environments: [{ key: 'test', name: 'Test', color: '2f74c0' }],
  });
  const count = 250;
  for (let n = 0; n < count; n++) {
    const number = String(n).padStart(3, '0');
    await api().post('/segments/groups/test', { key: `group-${number}`, name: `Group ${number}` });
  }
  await signIn(page);
  await page.goto(`${AT()}/projects/groups/test/segments`);
  await settled(page);
  const table = page.getByRole('table', { name: 'Segments' });
  await expect(table).toHaveAttribute('aria-rowcount', String(count + 1));
  // The oldest is first.
  const first = page.getByRole('link', { name: 'Group 000', exact: true });
  const last = page.getByRole('link', { name: `Group ${count - 1}`, exact: true });
  await expect(first).toBeVisible();
  await expect(last).toHaveCount(0);
  await expect(async () => {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(last).toBeVisible({ timeout: 2_000 });
  }).toPass(PATIENCE);
  expect(await page.getByRole('row').count()).toBeLessThan(80);
  await page.getByRole('searchbox', { name: 'Search by name or key' }).fill('group-117');
  await expect(table.getByRole('link')).toHaveText(['Group 117']);
});

test.describe(`a shop with ${FLAGS} flags more`, () => {
  let server: Server;
  let total: number;
  /** As keys of copies end. */
  const number = (n: number) => String(n).padStart(5, '0');
  const last = number(FLAGS - 1);
  const table = (page: Page) => page.getByRole('table', { name: 'Flags' });
  const links = (page: Page) => table(page).getByRole('link');
  /** How many rows the list says it has, the head among them. */
  const counts = (page: Page, flags: number) =>
    expect(table(page)).toHaveAttribute('aria-rowcount', String(flags + 1), PATIENCE);

  test.beforeAll(async () => {
    test.setTimeout(300_000);
    server = await startFilled(FLAGS);
    const many = new Api(server.at, server.token);
    const list = await many.send<{ totalCount: number }>('GET', '/api/v2/flags/shop?limit=1');
    total = list.totalCount;
  });
  test.afterAll(() => server.stop());
  test.beforeEach(async ({ page }) => {
    test.setTimeout(300_000);
    await signIn(page, 'light', 'owner@example.com', server.password, server.at);
    await page.goto(`${server.at}/projects/shop/test/flags`);
    await counts(page, total);
  });

  test('the list scrolls to its end, and holds only the rows in sight', async ({ page }) => {
    expect(total).toBeGreaterThan(FLAGS);
    // The newest is first.
    await expect(links(page).first()).toHaveAttribute('href', new RegExp(`-${last}$`), PATIENCE);
    await expect(async () => {
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
      await expect(page.getByRole('link', { name: 'New checkout', exact: true })).toBeVisible({
        timeout: 5_000,
      });
    }).toPass(PATIENCE);
    expect(await page.getByRole('row').count()).toBeLessThan(80);
    await page.evaluate((at) => window.scrollTo(0, at * document.body.scrollHeight), 0.5);
    await expect(async () => {
      const at = Number(/-(\d+)$/.exec((await links(page).first().getAttribute('href')) ?? '')?.[1]);
      expect(Math.abs(at / FLAGS - 0.5)).toBeLessThan(0.1);
    }).toPass(PATIENCE);
    expect(await page.getByRole('row').count()).toBeLessThan(80);
  });

  test('searching, filtering and sorting are the work of the server', async ({ page }) => {
    const search = page.getByRole('searchbox', { name: 'Search by name or key' });
    await search.fill(`dark-mode-${last.slice(0, 2)}`);
    await expect(page).toHaveURL(/filter=/);
    await expect(links(page).first()).toHaveAttribute(
      'href',
      new RegExp(`/dark-mode-${last.slice(0, 2)}`),
      PATIENCE,
    );
    await search.fill(`-${number(FLAGS - 4)}`);
    await counts(page, 1);
    await expect(links(page)).toHaveAttribute('href', new RegExp(`-${number(FLAGS - 4)}$`));
    await search.fill('');
    await counts(page, total);
    await page.goto(`${server.at}/projects/shop/test/flags?filter=tags:team-7&sort=creationDate`);
    await counts(page, FLAGS / 40);
    await expect(links(page).first()).toHaveAttribute('href', /-00007$/, PATIENCE);
    await page.goto(`${server.at}/projects/shop/test/flags?sort=name`);
    await expect(links(page).first()).toHaveText('Address autocomplete', PATIENCE);
  });

  test('a flag far down is opened by keys, switched, and found switched in the list', async ({ page }) => {
    await page.getByRole('searchbox', { name: 'Search by name or key' }).fill('passkeys-');
    await expect(links(page).first()).toHaveText(/^Passkeys \d/, PATIENCE);
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('j');
    const name = (await links(page).first().textContent()) ?? '';
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name, PATIENCE);
    await settled(page);
    await page.goBack();
    const toggle = page.getByRole('row', { name }).getByRole('switch').first();
    const switched = { checked: !(await toggle.isChecked()), ...PATIENCE };
    await toggle.click({ force: true });
    // It shows before it is saved; the note comes after.
    await expect(toggle).toBeChecked(switched);
    await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible(PATIENCE);
    await page.reload();
    await expect(page.getByRole('row', { name }).getByRole('switch').first()).toBeChecked(switched);
  });
});
