import { expect, test } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn } from './console';

/** As many as the list is made for; fewer for a quick look. */
const FLAGS = Number(process.env.MANY_FLAGS ?? 50_000);
const AT_ONCE = 24;
/** A text is looked for in all names, which takes a debug build its time. */
const SEARCH_MS = 60_000;

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

test(`a list of ${FLAGS} flags is used as a short one`, async ({ page }) => {
  test.setTimeout(1_800_000);
  await api().post('/projects', {
    key: 'many',
    name: 'Many',
    environments: [{ key: 'test', name: 'Test', color: '2f74c0' }],
  });
  await fill('many');
  await signIn(page);
  const began = Date.now();
  await page.goto(`${AT()}/projects/many/test/flags`);
  await settled(page);
  await expect(page.getByRole('link', { name: `Flag ${FLAGS - 1}`, exact: true })).toBeVisible();
  const took = Date.now() - began;
  console.log(`${FLAGS} flags: the first rows after ${took} ms`);
  await expect(page.getByRole('table')).toHaveAttribute('aria-rowcount', String(FLAGS + 1));
  // Rows exist only where one looks.
  expect(await page.getByRole('row').count()).toBeLessThan(80);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await expect(page.getByRole('link', { name: 'Flag 0', exact: true })).toBeVisible();
  expect(await page.getByRole('row').count()).toBeLessThan(80);
  await page
    .getByRole('searchbox', { name: 'Search by name or key' })
    .fill(`flag-${String(FLAGS - 7).padStart(5, '0')}`);
  await expect(page.getByText('1 matches')).toBeVisible({ timeout: SEARCH_MS });
  await expect(page.getByRole('link', { name: `Flag ${FLAGS - 7}`, exact: true })).toBeVisible();
});
