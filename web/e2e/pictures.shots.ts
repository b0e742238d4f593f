import { expect, test, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { AT, picked, SCREENS, settled, SHOP, signIn, still, type Theme } from './console';
import { DIALOGS } from './dialogs';
import { visit } from './live';

/** Where pictures go, and as what: `FORMAT=png` for looking at them. */
const IMAGES = process.env.IMAGES ?? resolve('../docs/images');
const FORMAT = process.env.FORMAT === 'png' ? 'png' : 'webp';
/** Fine print stays sharp, and all of them together stay small. */
const QUALITY = FORMAT === 'webp' ? 82 : undefined;

const WIDE = { width: 1440, height: 900 };
const TELEPHONE = { width: 360, height: 740 };

/** Screens that are also shown on a telephone. */
const NARROW = [
  'flags',
  'flag',
  'flag-evaluations',
  'segments',
  'segment',
  'contexts',
  'context',
  'playground',
  'compare',
  'changes',
  'events',
  'instances',
  'start',
  'settings-projects',
  'settings-members',
  'settings-usage',
  'settings-role',
  'profile',
];

async function picture(page: Page, name: string, theme: Theme) {
  await page.evaluate(() => document.fonts.ready);
  // What opens and closes has come to rest, and what was hovered is left.
  await page.mouse.move(0, 0);
  await page.waitForTimeout(250);
  await page.screenshot({
    path: `${IMAGES}/${name}-${theme}.${FORMAT}`,
    type: FORMAT,
    quality: QUALITY,
    animations: 'disabled',
  });
}

test.beforeAll(() => mkdirSync(IMAGES, { recursive: true }));

for (const theme of ['light', 'dark'] as Theme[]) {
  test(`screens, ${theme}`, async ({ page }) => {
    test.setTimeout(900_000);
    await page.setViewportSize(WIDE);
    await page.addInitScript((scheme) => localStorage.setItem('mantine-color-scheme-value', scheme), theme);
    await page.goto(`${AT()}/`);
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    if (picked('sign-in')) await picture(page, 'sign-in', theme);
    await still(page);
    await signIn(page, theme);
    for (const [name, path] of SCREENS) {
      await visit(page, name, path);
      await picture(page, name, theme);
    }
  });

  test(`dialogs, ${theme}`, async ({ page, browser }) => {
    test.setTimeout(900_000);
    await page.setViewportSize(WIDE);
    await still(page);
    await signIn(page, theme);
    for (const [name, open] of DIALOGS) {
      if (!picked(name)) continue;
      await page.goto(`${AT()}${SHOP}/start`);
      await settled(page);
      await open(page, browser);
      await picture(page, name, theme);
    }
  });

  test(`on a telephone, ${theme}`, async ({ page }) => {
    test.setTimeout(900_000);
    await page.setViewportSize(TELEPHONE);
    await still(page);
    await signIn(page, theme);
    for (const [name, path] of SCREENS.filter(([name]) => NARROW.includes(name))) {
      await visit(page, name, path);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect.soft(over, `${name} is wider than the telephone`).toBeLessThanOrEqual(0);
      await picture(page, `narrow-${name}`, theme);
    }
  });
}
