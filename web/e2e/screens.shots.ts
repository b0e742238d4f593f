import { expect, test } from '@playwright/test';
import { resolve } from 'node:path';
import { AT, SCREENS, settled, SHOP, signIn, still, type Theme } from './console';
import { visit } from './live';

const IMAGES = process.env.IMAGES ?? resolve('../docs/images');

for (const theme of ['light', 'dark'] as Theme[]) {
  test(`pictures of every screen, ${theme}`, async ({ page }) => {
    test.setTimeout(900_000);
    const picture = (name: string) =>
      page.screenshot({ path: `${IMAGES}/${name}-${theme}.png`, animations: 'disabled' });
    await page.addInitScript((scheme) => localStorage.setItem('mantine-color-scheme-value', scheme), theme);
    await page.goto(`${AT()}/`);
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await picture('sign-in');
    await still(page);
    await signIn(page, theme);
    for (const [name, path] of SCREENS) {
      await visit(page, name, path);
      await page.waitForLoadState('load');
      await page.waitForTimeout(250);
      await picture(name);
    }
  });

  test(`pictures of dialogs, ${theme}`, async ({ page }) => {
    test.setTimeout(900_000);
    const picture = (name: string) =>
      page.screenshot({ path: `${IMAGES}/${name}-${theme}.png`, animations: 'disabled' });
    await still(page);
    await signIn(page, theme);
    await page.goto(`${AT()}${SHOP}/flags?create=1`);
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).first().fill('One-click reorder');
    await picture('flag-create');
    await page.goto(`${AT()}${SHOP}/flags`);
    await settled(page, true);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Flags, pages' }).fill('checkout');
    await expect(page.getByRole('option').first()).toContainText('checkout', { ignoreCase: true });
    await picture('palette');
    await page.goto(`${AT()}${SHOP}/flags/new-checkout`);
    await settled(page, true);
    await page
      .getByRole('textbox', { name: /in percent/ })
      .first()
      .fill('45');
    await page
      .getByRole('textbox', { name: /in percent/ })
      .nth(1)
      .fill('55');
    await page.getByRole('button', { name: 'Review and save' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await picture('flag-review');
    await page.goto(`${AT()}${SHOP}/contexts/user/user-12`);
    await settled(page, true);
    await page.getByRole('button', { name: 'Why New checkout?' }).click();
    await expect(page.getByRole('dialog').getByText('The flag is on')).toBeVisible();
    await picture('why');
    await page.goto(`${AT()}${SHOP}/flags`);
    await settled(page, true);
    for (const at of [1, 2, 4])
      await page
        .getByRole('checkbox', { name: /^Select / })
        .nth(at)
        .check();
    await page.getByRole('button', { name: 'Turn on in' }).click();
    await page.getByRole('menuitem', { name: 'Production' }).click();
    await expect(page.getByRole('dialog')).toContainText('flags change');
    await picture('flags-bulk');
    await page.goto(`${AT()}${SHOP}/flags/new-checkout`);
    await settled(page, true);
    await page.getByRole('button', { name: 'Look back' }).click();
    await page.getByRole('button', { name: 'The change before' }).click();
    await page.getByRole('button', { name: 'The change before' }).click();
    await settled(page, true);
    await picture('flag-past');
    await page.getByRole('button', { name: 'Restore…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await picture('flag-restore');
    await page.goto(`${AT()}${SHOP}/segments/newsletter`);
    await settled(page, true);
    await page.getByRole('button', { name: 'Upload a file' }).click();
    const keys = Array.from({ length: 900 }, (_, n) => `reader-${n + 600}`).join('\n');
    const file = { name: 'readers.csv', mimeType: 'text/csv', buffer: Buffer.from(keys) };
    await page.getByRole('dialog').locator('input[type=file]').setInputFiles(file);
    await page.getByRole('radio', { name: /They go/ }).check();
    await page.getByRole('button', { name: /Compare with/ }).click();
    await expect(page.getByRole('dialog')).toContainText('are taken out');
    await picture('segment-upload');
  });

  test(`pictures on a telephone, ${theme}`, async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await still(page);
    await signIn(page, theme);
    for (const [name, path] of [
      ['flags', `${SHOP}/flags`],
      ['flag', `${SHOP}/flags/new-checkout`],
    ] as const) {
      await page.goto(AT() + path);
      await settled(page, true);
      await page.waitForTimeout(250);
      await page.screenshot({ path: `${IMAGES}/narrow-${name}-${theme}.png` });
    }
  });
}
