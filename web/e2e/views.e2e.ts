import { expect, test } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn, signInReader } from './console';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');

/** A project of the test's own, with four flags and a segment. */
async function project(key: string) {
  await api().post('/projects', {
    name: key,
    key,
    environments: [{ name: 'Test', key: 'test', color: '2f74c0' }],
  });
  for (const flag of ['buy', 'pay', 'look', 'find'])
    await api().post(`/flags/${key}`, {
      key: flag,
      name: `To ${flag}`,
      tags: [flag.endsWith('y') ? 'money' : 'eyes'],
    });
  await api().post(`/segments/${key}/test`, { key: 'friends', name: 'Friends' });
  return `/projects/${key}/test`;
}

const linked = async (at: string, view: string) => {
  const { items } = await api().send<{ items: { resourceKey: string }[] }>(
    'GET',
    `/api/v2/projects/${at}/views/${view}/linked/flags`,
  );
  return items.map(({ resourceKey }) => resourceKey).sort();
};

test('a view is made, filled by name and by filter, and narrows the list of flags', async ({ page }) => {
  const at = await project('viewed');
  await signIn(page);
  await page.goto(`${AT()}${at}/views`);
  await settled(page);
  await page.getByRole('button', { name: 'Create view' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).first().fill('Money matters');
  await expect(dialog.getByRole('textbox', { name: 'Key' })).toHaveValue('money-matters');
  await dialog.getByRole('button', { name: 'Create view' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Money matters');

  await page.getByRole('button', { name: 'Link flags' }).click();
  await dialog.getByRole('textbox', { name: 'Flags' }).fill('look');
  await page.getByRole('option', { name: 'To look' }).click();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Link', exact: true }).click();
  const flags = page.getByRole('table', { name: 'Flags of the view' });
  await expect(flags.getByRole('link')).toHaveText(['To look']);

  await page.getByRole('button', { name: 'Link flags' }).click();
  await dialog.getByText('By filter').click();
  await dialog.getByRole('textbox', { name: 'Filter' }).fill('tags:money');
  await expect(dialog.getByText('2 flags match')).toBeVisible();
  await dialog.getByRole('button', { name: 'Link', exact: true }).click();
  await expect(flags.getByRole('link')).toHaveText(['To buy', 'To look', 'To pay']);

  await page.getByRole('button', { name: 'Link segments' }).click();
  await dialog.getByRole('textbox', { name: 'Segments' }).click();
  await page.getByRole('option', { name: 'Friends' }).click();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Link', exact: true }).click();
  await expect(
    page.getByRole('table', { name: 'Segments of the view' }).getByRole('link', { name: 'Friends' }),
  ).toBeVisible();

  await page.getByRole('button', { name: 'Take look out of the view' }).click();
  await dialog.getByRole('button', { name: 'Take out' }).click();
  await expect(flags.getByRole('link')).toHaveText(['To buy', 'To pay']);
  expect(await linked('viewed', 'money-matters')).toEqual(['buy', 'pay']);

  await page.getByRole('link', { name: 'As a list' }).click();
  await expect(page.getByText('2 match')).toBeVisible();
  await expect(page.getByRole('link', { name: 'To buy' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'To look' })).toHaveCount(0);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('money m');
  await expect(page.getByRole('option', { name: /^Money matters/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Money matters');
});

test('a flag tells its views, and is put into another; a view is put away and deleted', async ({ page }) => {
  const at = await project('views-of');
  for (const name of ['First', 'Second'])
    await api().post('/projects/views-of/views', { key: name.toLowerCase(), name });
  await api().post('/projects/views-of/views/first/link/flags', { keys: ['buy'] });
  await signIn(page);
  await page.goto(`${AT()}${at}/flags/buy?tab=settings`);
  await settled(page);
  const mine = page.getByRole('table', { name: 'Views' });
  await expect(mine.getByRole('link')).toHaveText(['First']);
  await page.getByRole('button', { name: 'Add to a view' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(mine.getByRole('link')).toHaveText(['First', 'Second']);
  expect(await linked('views-of', 'second')).toEqual(['buy']);

  await page.goto(`${AT()}${at}/views/second`);
  await settled(page);
  await page.getByRole('button', { name: 'Archive…' }).click();
  await dialog.getByRole('button', { name: 'Archive', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Restore…' })).toBeVisible();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await dialog.getByRole('textbox').fill('second');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Views');
  await expect(page.getByRole('table', { name: 'Views' }).getByRole('link')).toHaveText(['First']);
});

test('an SDK key that is held to a view is named there, and what leaves it is warned of', async ({
  page,
}) => {
  await signInReader(page);
  await page.goto(`${AT()}/projects/shop/production/views/checkout`);
  await settled(page);
  await expect(page.getByRole('table', { name: 'SDK keys' })).toContainText('Checkout service');
  for (const name of ['Link flags', 'Link segments', 'Edit', 'Archive…'])
    await expect(page.getByRole('button', { name, exact: true })).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByRole('button', { name: 'Delete…' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Take new-checkout out of the view' }).focus();
  await expect(page.getByRole('tooltip')).toContainText('No role allows unlinkFlagFromView');

  await page.context().clearCookies();
  await signIn(page);
  await page.goto(`${AT()}/projects/shop/production/views/checkout`);
  await page.getByRole('button', { name: 'Take new-checkout out of the view' }).click();
  await expect(page.getByRole('dialog')).toContainText('stop delivering it at once');
});
