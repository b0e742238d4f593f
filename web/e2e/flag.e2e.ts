import { expect, test } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn } from './console';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');
const TEST = '/projects/shop/test';

/** A flag of the test's own. */
async function flag(key: string) {
  await api().post('/flags/shop', { key, name: `Flag ${key}` });
  return `${AT()}${TEST}/flags/${key}`;
}

interface Config {
  on: boolean;
  rules: {
    description: string;
    clauses: { attribute: string; values: unknown[] }[];
    rollout?: { variations: { weight: number }[] };
  }[];
  targets: { values: string[] }[];
  offVariation: number;
}

async function saved(key: string): Promise<Config> {
  const { environments } = await api().send<{ environments: Record<string, Config> }>(
    'GET',
    `/api/v2/flags/shop/${key}`,
  );
  const config = environments.test;
  if (!config) throw new Error('the flag is in the environment test');
  return config;
}

test('a flag is created, and found by search', async ({ page }) => {
  await signIn(page);
  await page.goto(`${AT()}${TEST}/flags`);
  await settled(page);
  await page.getByRole('button', { name: 'Create flag' }).first().click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).first().fill('Made by hand');
  await expect(page.getByRole('textbox', { name: 'Key' })).toHaveValue('made-by-hand');
  await page.getByRole('dialog').getByRole('button', { name: 'Create flag' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Made by hand');
  await page.goto(`${AT()}${TEST}/flags?filter=query:made-by`);
  await expect(page.getByRole('link', { name: 'Made by hand' })).toBeVisible();
  await expect(page.getByText('1 matches')).toBeVisible();
});

test('targeting is staged, reviewed in words and saved as one change', async ({ page }) => {
  await signIn(page);
  await page.goto(await flag('staged'));
  await settled(page);
  await page.getByRole('switch', { name: 'On in Test' }).press('Space');
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByRole('textbox', { name: 'Name of rule 1' }).fill('Gold');
  await page.getByRole('textbox', { name: 'Attribute' }).fill('plan');
  await page.keyboard.press('Tab');
  const values = page.getByRole('textbox', { name: 'Values' });
  await values.fill('gold');
  await values.press('Enter');
  await page.getByRole('region', { name: 'Gold' }).getByText('Percentages').click();
  await page.getByRole('region', { name: 'Gold' }).getByRole('button', { name: 'Share evenly' }).click();
  await page.reload();
  await expect(page.getByRole('region', { name: 'Staged changes' })).toContainText('2 changes');
  await page.getByRole('button', { name: 'Review and save' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('list', { name: 'Changes' })).toContainText(
    'Add rule 1: if Gold, serve 50 % true, 50 % false',
  );
  await dialog.getByRole('tab', { name: 'Before and after' }).click();
  await expect(dialog.getByText('/on', { exact: true })).toBeVisible();
  await expect(dialog.getByText('+ true')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Comment' }).fill('because');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. SDKs have it by now.')).toBeVisible();
  const config = await saved('staged');
  expect(config.on).toBe(true);
  expect(
    config.rules.map((rule) => [
      rule.description,
      rule.clauses[0]?.values,
      rule.rollout?.variations.map((v) => v.weight),
    ]),
  ).toEqual([['Gold', ['gold'], [50_000, 50_000]]]);
  await expect(page.getByRole('region', { name: 'Staged changes' })).toHaveCount(0);
});

test('what two people change apart is merged; what both change is asked about', async ({ page, browser }) => {
  await signIn(page);
  const at = await flag('contested');
  await page.goto(at);
  await settled(page);
  await page.getByRole('switch', { name: 'On in Test' }).press('Space');
  const patch = (instruction: unknown) =>
    api().semantic('/flags/shop/contested', { environmentKey: 'test', instructions: [instruction] });
  const { variations } = await api().send<{ variations: { _id: string }[] }>(
    'GET',
    '/api/v2/flags/shop/contested',
  );
  const [yes, no] = variations.map((one) => one._id);
  await patch({ kind: 'addTargets', contextKind: 'user', variationId: yes, values: ['ann'] });
  await expect(page.getByText('ann', { exact: true })).toBeVisible();
  await expect(page.getByRole('switch', { name: 'On in Test' })).toBeChecked();

  const second = await (await browser.newContext()).newPage();
  await signIn(second);
  await second.goto(at);
  await settled(second);
  const mine = page
    .getByRole('combobox', { name: 'Default rule: variation' })
    .or(page.getByRole('textbox', { name: 'Default rule: variation' }));
  await mine.click();
  await page.getByRole('option', { name: 'false' }).click();
  await patch({
    kind: 'updateFallthroughVariationOrRollout',
    rolloutWeights: { [yes ?? '']: 20_000, [no ?? '']: 80_000 },
  });
  await expect(page.getByRole('dialog', { name: 'Somebody else saved this flag' })).toBeVisible();
  await page.getByRole('button', { name: /Yours/ }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('region', { name: 'Staged changes' })).toContainText('2 changes');
  await expect(second.getByRole('textbox', { name: /in percent/ }).first()).toHaveValue('20 %');
});

test('by keyboard alone: to a flag, and on', async ({ page }) => {
  await signIn(page);
  await flag('typed');
  await page.goto(`${AT()}${TEST}/flags`);
  await settled(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('flag typed');
  await expect(page.getByRole('option', { name: /^Flag typed/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Flag typed');
  await page.getByRole('switch', { name: 'On in Test' }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Control+s');
  const save = page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true });
  // It is off until the patch is known, and keys do nothing to a button that is off.
  await expect(save).toBeEnabled();
  await save.press('Enter');
  await expect(page.getByText('Saved. SDKs have it by now.')).toBeVisible();
  expect((await saved('typed')).on).toBe(true);
});

test('nothing is asked of another address, and no style or script is refused', async ({ page }) => {
  const strange: string[] = [];
  page.on(
    'request',
    (request) =>
      !request.url().startsWith(AT()) && !request.url().startsWith('data:') && strange.push(request.url()),
  );
  page.on(
    'console',
    (message) => message.text().includes('Content Security Policy') && strange.push(message.text()),
  );
  await signIn(page);
  await page.goto(`${AT()}${TEST}/playground`);
  await settled(page);
  await page.goto(`${AT()}${TEST}/flags?create=1`);
  await expect(page.getByRole('dialog')).toBeVisible();
  expect(strange).toEqual([]);
});
