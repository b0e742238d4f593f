import { expect, test } from '@playwright/test';
import { AT, SCREENS, SHOP, signIn, still, type Theme } from './console';
import { visit } from './live';
import { violations } from './violations';

for (const theme of ['light', 'dark'] as Theme[]) {
  test(`no page has a violation, ${theme}`, async ({ page }) => {
    test.setTimeout(900_000);
    const all: Record<string, string[]> = {};
    const look = async (name: string) => {
      const found = await violations(page);
      if (found.length > 0) all[name] = found;
    };
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.addInitScript((scheme) => localStorage.setItem('mantine-color-scheme-value', scheme), theme);
    await page.goto(`${AT()}/`);
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await look('sign-in');
    await still(page);
    await signIn(page, theme);
    for (const [name, path] of SCREENS) {
      await visit(page, name, path);
      await look(name);
    }
    await page.goto(`${AT()}${SHOP}/flags?create=1`);
    await expect(page.getByRole('dialog')).toBeVisible();
    await look('create a flag');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('option').first()).toBeVisible();
    await look('palette');
    await page.keyboard.press('Escape');
    await page.goto(`${AT()}${SHOP}/flags/new-checkout`);
    await page.getByRole('button', { name: 'Why New checkout?' }).click();
    await expect(page.getByRole('dialog')).toContainText('Everybody else gets the default rule');
    await look('why it serves what it serves');
    for (const missing of ['/nowhere', '/projects/nope/test/flags', '/projects/shop/nowhere/flags']) {
      await page.goto(AT() + missing);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await look(missing);
    }
    expect(all).toEqual({});
  });
}
