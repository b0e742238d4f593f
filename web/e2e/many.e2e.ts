import { expect, test } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn } from './console';

/** Some pages of the list. It is made for 50000: `MANY_FLAGS=50000 npm run e2e -- many` takes its time. */
const FLAGS = Number(process.env.MANY_FLAGS ?? 1_500);
const AT_ONCE = 24;
/** What is waited for at most, wherever all flags are gone through: a debug build on a busy machine takes its time. */
const PATIENCE = { timeout: 30_000 + 2 * FLAGS };

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');

/** Flags through the API, a few at once. */
async function fill(project: string) {
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < FLAGS; n = next++) {
      const key = `flag-${String(n).padStart(5, '0')}`;
      await api().post(`/flags/${project}`, { key, name: `Flag ${n}`, tags: [`team-${n % 40}`] });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

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

test(`a list of ${FLAGS} flags is used as a short one`, async ({ page }) => {
  test.setTimeout(120_000 + 40 * FLAGS);
  await api().post('/projects', {
    key: 'many',
    name: 'Many',
    environments: [{ key: 'test', name: 'Test', color: '2f74c0' }],
  });
  await fill('many');
  await signIn(page);
  const began = Date.now();
  await page.goto(`${AT()}/projects/many/test/flags`);
  await expect(page.getByRole('link', { name: `Flag ${FLAGS - 1}`, exact: true })).toBeVisible(PATIENCE);
  console.log(`${FLAGS} flags: the first rows after ${Date.now() - began} ms`);
  await settled(page);
  await expect(page.getByRole('table')).toHaveAttribute('aria-rowcount', String(FLAGS + 1), PATIENCE);
  // Rows exist only where one looks.
  expect(await page.getByRole('row').count()).toBeLessThan(80);
  await expect(async () => {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(page.getByRole('link', { name: 'Flag 0', exact: true })).toBeVisible({ timeout: 2_000 });
  }).toPass(PATIENCE);
  expect(await page.getByRole('row').count()).toBeLessThan(80);
  const sought = FLAGS - 7;
  await page
    .getByRole('searchbox', { name: 'Search by name or key' })
    .fill(`flag-${String(sought).padStart(5, '0')}`);
  await expect(page.getByText('1 matches')).toBeVisible(PATIENCE);
  await expect(page.getByRole('link', { name: `Flag ${sought}`, exact: true })).toBeVisible(PATIENCE);
});
