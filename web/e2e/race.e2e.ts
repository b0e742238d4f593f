// Two people save the same at the same moment: the live stream tells nobody, so only the save itself can notice.
import { expect, test, type Page } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn, still } from './console';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');
const TEST = '/projects/shop/test';

/** Lets `meanwhile` happen after the page has looked once more and before its save arrives; says what saves were answered. */
async function raced(page: Page, path: string, meanwhile: () => Promise<unknown>) {
  const answers: number[] = [];
  await page.route(`**${path}`, async (route) => {
    if (route.request().method() !== 'PATCH') return route.fallback();
    if (answers.length === 0) await meanwhile();
    const response = await route.fetch();
    answers.push(response.status());
    await route.fulfill({ response });
  });
  return answers;
}

interface Flag {
  variations: { _id: string }[];
  environments: Record<string, { on: boolean; offVariation: number }>;
}

const flagNow = (key: string) => api().send<Flag>('GET', `/api/v2/flags/shop/${key}`);

/** A flag of the test's own, with a page that is told nothing. */
async function opened(page: Page, key: string) {
  const { variations } = await api().post<Flag>('/flags/shop', { key, name: `Flag ${key}` });
  const patch = (...instructions: unknown[]) =>
    api().semantic(`/flags/shop/${key}`, { environmentKey: 'test', instructions });
  await patch({ kind: 'updateFallthroughVariationOrRollout', rolloutWeights: shares(variations, [50, 50]) });
  await signIn(page);
  await still(page);
  await page.goto(`${AT()}${TEST}/flags/${key}`);
  await settled(page);
  return { variations, patch };
}

const shares = (variations: Flag['variations'], percent: number[]) =>
  Object.fromEntries(variations.map(({ _id }, at) => [_id, (percent[at] ?? 0) * 1000]));

const save = (page: Page) =>
  page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();

test('a save of a flag takes in what came before it by a moment', async ({ page }) => {
  const { variations, patch } = await opened(page, 'raced');
  await page.getByRole('switch', { name: 'On in Test' }).press('Space');
  await page.getByRole('button', { name: 'Review and save' }).click();
  const answers = await raced(page, '/api/v2/flags/shop/raced', () =>
    patch({ kind: 'updateOffVariation', variationId: variations[0]?._id }),
  );
  await save(page);
  await expect(page.getByText('Saved. SDKs have it by now.')).toBeVisible();
  expect(answers).toEqual([412, 200]);
  const { on, offVariation } = (await flagNow('raced')).environments.test ?? {};
  expect([on, offVariation]).toEqual([true, 0]);
});

test('where both changed the same of a flag, it is asked which to keep', async ({ page }) => {
  const { variations, patch } = await opened(page, 'raced-share');
  const percent = page.getByRole('textbox', { name: /in percent/ });
  await percent.first().fill('70');
  await percent.nth(1).fill('30');
  await page.getByRole('button', { name: 'Review and save' }).click();
  const answers = await raced(page, '/api/v2/flags/shop/raced-share', () =>
    patch({ kind: 'updateFallthroughVariationOrRollout', variationId: variations[1]?._id }),
  );
  await save(page);
  const dialog = page.getByRole('dialog', { name: 'Somebody else saved this flag' });
  await expect(dialog).toBeVisible();
  expect(answers).toEqual([412]);
  await dialog.getByRole('button', { name: /Yours/ }).click();
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Review and save' }).click();
  await save(page);
  await expect(page.getByText('Saved. SDKs have it by now.')).toBeVisible();
  expect(answers).toEqual([412, 200]);
});

test('a form takes in what came before it by a moment, and is saved after another look', async ({ page }) => {
  await api().post('/projects', { key: 'raced', name: 'Raced' });
  const patch = (path: string, value: unknown) =>
    api().send('PATCH', '/api/v2/projects/raced', [{ op: 'replace', path, value }]);
  await signIn(page);
  await still(page);
  await page.goto(`${AT()}/settings/projects?open=raced`);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Mine');
  const answers = await raced(page, '/api/v2/projects/raced', () => patch('/tags', ['theirs']));
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('nothing was overwritten');
  await expect(dialog.getByText('theirs', { exact: true })).toBeVisible();
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Mine');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog).toBeHidden();
  expect(answers).toEqual([412, 200]);
  const now = await api().send<{ name: string; tags: string[] }>('GET', '/api/v2/projects/raced');
  expect([now.name, now.tags]).toEqual(['Mine', ['theirs']]);
});
