import { expect, test, type Locator, type Page } from '@playwright/test';
import { AT, settled, SHOP, signInReader } from './console';

async function open(page: Page, path: string) {
  await page.goto(AT() + SHOP + path);
  await settled(page);
}

/** It is off, in reach of the keyboard, and says which action is missing. */
async function refused(page: Page, control: Locator, action: string) {
  await expect(control).toHaveAttribute('aria-disabled', 'true');
  await control.focus();
  await expect(page.getByRole('tooltip').filter({ hasText: action })).toContainText(
    `You may not do this. No role allows ${action} on proj/shop`,
  );
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await control.blur();
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('a reader looks at all flags, and is told at each control why it is off', async ({ page }) => {
  await signInReader(page);
  await open(page, '/flags?filter=query:checkout');
  await refused(page, button(page, 'Create flag'), 'createFlag');
  const toggle = page.getByRole('switch', { name: 'New checkout in Test' });
  const was = await toggle.isChecked();
  await refused(page, toggle, 'updateOn');
  await toggle.press('Space');
  await expect(toggle).toBeChecked({ checked: was });

  await open(page, '/flags/new-checkout');
  await expect(page.getByText('Read only').first()).toBeVisible();
  await expect(page.getByRole('switch', { name: 'On in Production' })).toBeDisabled();
  await expect(page.getByRole('textbox', { name: /in percent/ }).first()).toBeDisabled();
  await refused(page, button(page, 'Add rule'), 'updateRules');
  await expect(page.getByRole('region', { name: 'Staged changes' })).toHaveCount(0);

  await open(page, '/flags/new-checkout?tab=variations');
  await refused(page, button(page, 'Edit'), 'updateFlagVariations');
  await open(page, '/flags/new-checkout?tab=links');
  await refused(page, button(page, 'Add a link'), 'createFlagLink');
  await refused(page, button(page, 'Create a trigger'), 'createTriggers');
  await expect(page.getByRole('button', { name: /^More about/ })).toHaveCount(0);
  await open(page, '/flags/new-checkout?tab=settings');
  await expect(page.getByRole('textbox', { name: 'Description' })).toBeDisabled();
  await refused(page, button(page, 'Deprecate…'), 'updateDeprecated');
  await refused(page, button(page, 'Archive…'), 'updateGlobalArchived');
  await refused(page, button(page, 'Delete…'), 'deleteFlag');
});

test('a reader looks at segments, and the palette offers nothing that is not allowed', async ({ page }) => {
  await signInReader(page);
  await open(page, '/segments');
  await refused(page, button(page, 'Create segment'), 'createSegment');
  await open(page, '/segments/big-cities');
  await expect(page.getByText('Read only').first()).toBeVisible();
  await refused(page, button(page, 'Add rule'), 'updateRules');
  await open(page, '/segments/newsletter');
  await refused(page, button(page, 'Upload a file'), 'updateIncluded');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('dark mode');
  await expect(page.getByRole('option', { name: /^Dark mode/ })).toBeVisible();
  await expect(page.getByRole('option', { name: /Turn (on|off)/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('create');
  // Everybody may make a token for what they may do.
  await expect(page.getByRole('option', { name: /^Create/ })).toHaveText([/access token/]);
});
