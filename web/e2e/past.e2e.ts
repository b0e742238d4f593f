import { expect, test } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn } from './console';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');
const TEST = '/projects/shop/test';

interface Flag {
  name: string;
  variations: { _id: string }[];
  environments: Record<
    string,
    { on: boolean; rules: { description: string; clauses: { values: unknown[] }[] }[] }
  >;
}

const read = (key: string) => api().send<Flag>('GET', `/api/v2/flags/shop/${key}`);

/** A flag that was on with a rule, and is off without it. */
async function changed(key: string) {
  const { variations } = await api().post<Flag>('/flags/shop', { key, name: `Flag ${key}` });
  const patch = (...instructions: unknown[]) =>
    api().semantic(`/flags/shop/${key}`, { environmentKey: 'test', instructions });
  const clause = { contextKind: 'user', attribute: 'plan', op: 'in', negate: false, values: ['gold'] };
  await patch(
    { kind: 'turnFlagOn' },
    { kind: 'addRule', description: 'Gold', clauses: [clause], variationId: variations[0]?._id },
  );
  const [rule] =
    (
      await api().send<{ environments: Record<string, { rules: { _id: string }[] }> }>(
        'GET',
        `/api/v2/flags/shop/${key}`,
      )
    ).environments.test?.rules ?? [];
  await patch({ kind: 'removeRule', ruleId: rule?._id }, { kind: 'turnFlagOff' });
  return `${AT()}${TEST}/flags/${key}`;
}

test('the slider shows how a flag was, and its state is restored after the difference was shown', async ({
  page,
}) => {
  await signIn(page);
  await page.goto(await changed('looked-back'));
  await settled(page);
  await expect(page.getByRole('switch', { name: 'On in Test' })).not.toBeChecked();
  await page.getByRole('button', { name: 'Look back' }).click();
  await page.getByRole('button', { name: 'The change before' }).click();
  await page.getByRole('button', { name: 'The change before' }).click();
  await expect(page.getByRole('region', { name: 'Gold' })).toBeVisible();
  await expect(page.getByRole('switch', { name: 'On in Test' })).toBeChecked();
  await expect(page.getByRole('switch', { name: 'On in Test' })).toBeDisabled();
  expect(page.url()).toContain('at=');
  await page.getByRole('button', { name: 'Restore…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('list', { name: 'Changes' })).toContainText(
    'Add rule 1: if Gold, serve true',
  );
  await dialog.getByRole('tab', { name: 'Before and after' }).click();
  await expect(dialog.getByText('/targeting/on')).toBeVisible();
  await dialog.getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByText('Restored. SDKs have it by now.')).toBeVisible();
  const now = (await read('looked-back')).environments.test;
  expect([now?.on, now?.rules.map(({ clauses }) => clauses[0]?.values)]).toEqual([true, [['gold']]]);
  await page.getByRole('button', { name: 'Back to now' }).click();
  await expect(page.getByRole('tab', { name: 'Targeting' })).toBeVisible();
});

test('a rule says how many contexts seen lately it matches, before it is saved', async ({ page }) => {
  await signIn(page);
  await api().post('/flags/shop', { key: 'counted', name: 'Counted' });
  await page.goto(`${AT()}${TEST}/flags/counted`);
  await settled(page);
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByRole('textbox', { name: 'Attribute' }).fill('plan');
  await page.keyboard.press('Tab');
  const values = page.getByRole('textbox', { name: 'Values' });
  await values.fill('gold');
  await values.press('Enter');
  await expect(page.getByRole('region', { name: 'Rule 1' }).getByText('60 of 240')).toBeVisible();
});

test('what is staged of a segment survives the save of somebody else', async ({ page }) => {
  const segments = '/segments/shop/test';
  await api().post(segments, { key: 'contested-segment', name: 'Contested' });
  await api().semantic(`${segments}/contested-segment`, {
    environmentKey: 'test',
    instructions: [{ kind: 'addIncludedTargets', contextKind: 'user', values: ['ann'] }],
  });
  await signIn(page);
  await page.goto(`${AT()}/projects/shop/test/segments/contested-segment`);
  await settled(page);
  const keys = page.getByRole('textbox', { name: 'Contexts of kind user' }).first();
  await keys.fill('mine');
  await keys.press('Enter');
  await expect(page.getByRole('region', { name: 'Staged changes' })).toContainText('1 change');
  await api().semantic(`${segments}/contested-segment`, {
    environmentKey: 'test',
    instructions: [{ kind: 'addIncludedTargets', contextKind: 'user', values: ['theirs'] }],
  });
  await expect(page.getByText('theirs', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('mine', { exact: true }).first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole('region', { name: 'Staged changes' })).toContainText('Include user mine');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved. SDKs have it by now.')).toBeVisible();
  const saved = await api().send<{ included: string[] }>('GET', `/api/v2${segments}/contested-segment`);
  expect([...saved.included].sort()).toEqual(['ann', 'mine', 'theirs']);
});

test('a big segment takes a file after its difference was shown', async ({ page }) => {
  const segments = '/segments/shop/test';
  await api().post(segments, {
    key: 'from-file',
    name: 'From a file',
    unbounded: true,
    unboundedContextKind: 'user',
  });
  await api().post(`${segments}/from-file/contexts`, { included: { add: ['ann', 'bob'] } });
  await signIn(page);
  await page.goto(`${AT()}/projects/shop/test/segments/from-file`);
  await settled(page);
  await page.getByRole('button', { name: 'Upload a file' }).click();
  const dialog = page.getByRole('dialog');
  const buffer = Buffer.from(`bob\n${Array.from({ length: 6_000 }, (_, n) => `k-${n}`).join('\n')}\n`);
  await dialog.locator('input[type=file]').setInputFiles({ name: 'keys.csv', mimeType: 'text/csv', buffer });
  await dialog.getByRole('radio', { name: /They go/ }).check();
  await dialog.getByRole('button', { name: 'Compare with the 2 members' }).click();
  await expect(dialog).toContainText('6,000 are new, 1 are in it already, 1 are taken out.');
  await dialog.getByRole('button', { name: 'Upload', exact: true }).click();
  await expect(page.getByText('The members are in force. SDKs have them by now.')).toBeVisible();
  await expect(page.getByText('6,001', { exact: true })).toBeVisible();
  await page.getByRole('textbox', { name: 'Is this key a member?' }).fill('ann');
  await page.getByRole('button', { name: 'Look up' }).click();
  await expect(page.getByText('It is no member')).toBeVisible();
});

test('the history is told in the language of the reader', async ({ page }) => {
  const address = await changed('told');
  await signIn(page);
  await page.evaluate(() => localStorage.setItem('wigwag.language', 'de'));
  await page.goto(`${address}?tab=history`);
  await expect(page.getByText(/hat das Flag Flag told angelegt/)).toBeVisible();
  await expect(
    page.getByRole('button', { name: /hat das Flag Flag told in Test geändert/ }).first(),
  ).toBeVisible();
});
