// Two people save the same at the same moment: the live stream tells nobody, so only the save itself can notice.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn, still } from './console';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');
const TEST = '/projects/shop/test';

/** Lets `meanwhile` happen after the page has looked once more and before its save arrives; says what saves were answered. */
async function raced(page: Page, path: string, meanwhile: () => Promise<unknown>) {
  const answers: number[] = [];
  await page.route(`**${path}`, async (route) => {
    if (route.request().method() === 'GET') return route.fallback();
    if (answers.length === 0) await meanwhile();
    const response = await route.fetch();
    answers.push(response.status());
    await route.fulfill({ response });
  });
  return answers;
}

interface Flag {
  variations: { _id: string }[];
  environments: Record<string, { on: boolean; offVariation: number; version: number }>;
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

/** Two people at a list of their own, which is told nothing of what the other does. */
async function two(browser: Browser, path: string) {
  const open = async () => {
    const page = await (await browser.newContext()).newPage();
    await signIn(page);
    await still(page);
    await page.goto(AT() + path);
    await settled(page);
    return page;
  };
  return [await open(), await open()] as const;
}

/** A project of the test's own with two environments and flags that are off. */
async function lamps(key: string, ...flags: string[]) {
  const environments = ['test', 'live'].map((env) => ({ key: env, name: env, color: '2f74c0' }));
  await api().post('/projects', { key, name: key, environments });
  for (const flag of flags) await api().post(`/flags/${key}`, { key: flag, name: flag });
  const now = (flag: string) => api().send<Flag>('GET', `/api/v2/flags/${key}/${flag}`);
  return { now, list: `/projects/${key}/test/flags` };
}

const lamp = (page: Page, flag: string) => page.getByRole('switch', { name: `${flag} in test` });
const turn = (page: Page, flag: string) => lamp(page, flag).press('Space');

test('of two who turn a flag, the later one is told, or takes in what was changed beside it', async ({
  browser,
}) => {
  const { now, list } = await lamps('raced-turns', 'door', 'window');
  const [ann, ben] = await two(browser, list);
  await turn(ann, 'door');
  await expect(ann.getByText('door is on in test')).toBeVisible();
  // Ben still sees it off.
  await expect(lamp(ben, 'door')).not.toBeChecked();
  const version = (await now('door')).environments.test?.version;
  await turn(ben, 'door');
  await expect(ben.getByText('Somebody else just turned door on in test.')).toBeVisible();
  await expect(lamp(ben, 'door')).toBeChecked();
  expect((await now('door')).environments.test?.version).toBe(version);

  const { variations } = await now('window');
  const answers = await raced(ben, '/api/v2/flags/raced-turns/window', () =>
    api().semantic('/flags/raced-turns/window', {
      environmentKey: 'test',
      instructions: [{ kind: 'updateOffVariation', variationId: variations[0]?._id }],
    }),
  );
  await turn(ben, 'window');
  await expect(ben.getByText('window is on in test')).toBeVisible();
  expect(answers).toEqual([412, 200]);
  expect((await now('window')).environments.test).toMatchObject({ on: true, offVariation: 0 });
  // What was done can be taken back, but not from somebody who did it again.
  await ben.getByRole('button', { name: 'Undo' }).click();
  await expect(ben.getByText('window is off in test')).toBeVisible();
  expect((await now('window')).environments.test?.on).toBe(false);
  await turn(ann, 'window');
  await expect(ann.getByText('window is on in test')).toBeVisible();
  await ben.getByRole('button', { name: 'Undo' }).click();
  await expect(ben.getByText('Somebody else just turned window on in test.')).toBeVisible();
});

test('of many flags those that somebody else was first with are left alone and named', async ({
  browser,
}) => {
  const { now, list } = await lamps('raced-bulk', 'one', 'two', 'three');
  const [ann, ben] = await two(browser, list);
  await ben.getByRole('checkbox', { name: /Select all/ }).check();
  await ben.getByRole('button', { name: 'Turn on in' }).click();
  await ben.getByRole('menuitem', { name: 'test' }).click();
  await turn(ann, 'two');
  await expect(ann.getByText('two is on in test')).toBeVisible();
  const version = (await now('two')).environments.test?.version;
  const dialog = ben.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Turn on 3 flags' }).click();
  await expect(dialog.getByRole('alert')).toContainText('two: Somebody else changed this a moment before');
  await expect(ben.getByText('2 flags are on in test')).toBeVisible();
  // What is left is shown as it is by now.
  await expect(dialog).toContainText('1 is so already');
  expect((await now('one')).environments.test?.on).toBe(true);
  expect((await now('two')).environments.test?.version).toBe(version);
});

test('a copy does not replace what nobody looked at', async ({ browser }) => {
  const { now } = await lamps('raced-copy', 'door');
  const turnOn = (env: string) =>
    api().semantic('/flags/raced-copy/door', {
      environmentKey: env,
      instructions: [{ kind: 'turnFlagOn' }],
    });
  await turnOn('test');
  await api().semantic('/flags/raced-copy/door', {
    environmentKey: 'test',
    instructions: [{ kind: 'updateOffVariation', variationId: (await now('door')).variations[0]?._id }],
  });
  const [ben] = await two(browser, '/projects/raced-copy/test/compare?with=live');
  await ben.getByRole('button', { name: 'Copy…' }).click();
  const dialog = ben.getByRole('dialog');
  await expect(dialog).toContainText('Turn the flag on');
  const answers = await raced(ben, '/api/v2/flags/raced-copy/door/copy', () => turnOn('live'));
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('Somebody else changed this a moment before');
  // It is on by now: the copy changes something else.
  await expect(dialog).not.toContainText('Turn the flag on');
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(ben.getByText('Copied')).toBeVisible();
  expect(answers).toEqual([412, 201]);
  expect((await now('door')).environments.live).toMatchObject({ on: true, offVariation: 0 });
});
