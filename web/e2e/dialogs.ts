import { expect, type Browser, type Page } from '@playwright/test';
import { AT, settled, SHOP } from './console';
import { CONFLICTS } from './conflicts';
import { Api } from './seed/api';

export type Open = (page: Page, browser: Browser) => Promise<void>;

const go = async (page: Page, path: string) => {
  await page.goto(AT() + path);
  await settled(page, true);
};
const dialog = (page: Page) => page.getByRole('dialog').last();
const shown = (page: Page) => expect(dialog(page)).toBeVisible();
const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');

/** The rollout of the flag's second rule, changed and not saved yet. */
async function stage(page: Page) {
  await go(page, `${SHOP}/flags/new-checkout`);
  const percent = page.getByRole('textbox', { name: /in percent/ });
  await percent.first().fill('45');
  await percent.nth(1).fill('55');
}

/** What is not a page of its own: dialogs, and states that something leads to, by the name of their pictures. */
export const DIALOGS: [name: string, open: Open][] = [
  [
    'flag-create',
    async (page) => {
      await page.goto(`${AT()}${SHOP}/flags?create=1`);
      await dialog(page).getByRole('textbox', { name: 'Name' }).first().fill('One-click reorder');
    },
  ],
  [
    'palette',
    async (page) => {
      await go(page, `${SHOP}/flags`);
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').last().fill('checkout');
      await expect(page.getByRole('option').first()).toContainText('checkout', { ignoreCase: true });
    },
  ],
  [
    'shortcuts',
    async (page) => {
      await go(page, `${SHOP}/flags`);
      await page.keyboard.press('Shift+?');
      await shown(page);
    },
  ],
  [
    'flag-staged',
    async (page) => {
      await stage(page);
      await page.getByRole('region', { name: 'Staged changes' }).waitFor();
    },
  ],
  [
    'flag-review',
    async (page) => {
      await stage(page);
      await page.getByRole('button', { name: 'Review and save' }).click();
      await expect(dialog(page)).toBeVisible();
      await page.waitForLoadState('networkidle');
    },
  ],
  [
    'why',
    async (page) => {
      await go(page, `${SHOP}/contexts/user/user-12`);
      await page.getByRole('button', { name: 'Why New checkout?' }).click();
      await expect(dialog(page).getByText('The flag is on')).toBeVisible();
    },
  ],
  [
    'flags-bulk',
    async (page) => {
      await go(page, `${SHOP}/flags`);
      for (const at of [1, 3, 5])
        await page
          .getByRole('checkbox', { name: /^Select / })
          .nth(at)
          .check();
      await page.getByRole('button', { name: 'Turn on in' }).click();
      await page.getByRole('menuitem', { name: 'Production' }).click();
      await expect(dialog(page)).toContainText(/flags? changes?/);
    },
  ],
  [
    'flags-critical',
    async (page) => {
      await go(page, `${SHOP}/flags?filter=query:gift`);
      await page
        .getByRole('switch', { name: /Production/ })
        .first()
        .press('Space');
      await shown(page);
    },
  ],
  [
    'flag-past',
    async (page) => {
      await go(page, `${SHOP}/flags/new-checkout`);
      await page.getByRole('button', { name: 'Look back' }).click();
      await page.getByRole('button', { name: 'The change before' }).click();
      await page.getByRole('button', { name: 'The change before' }).click();
      await settled(page, true);
    },
  ],
  [
    'flag-restore',
    async (page) => {
      await go(page, `${SHOP}/flags/new-checkout`);
      await page.getByRole('button', { name: 'Look back' }).click();
      // The last ones added a link and a trigger.
      for (let step = 0; step < 4; step++)
        await page.getByRole('button', { name: 'The change before' }).click();
      await settled(page, true);
      await page.getByRole('button', { name: 'Restore…' }).click();
      await shown(page);
    },
  ],
  [
    'flag-code-copy',
    async (page) => {
      await stage(page);
      await page.getByRole('button', { name: 'Review and save' }).click();
      await shown(page);
      await dialog(page)
        .getByRole('button', { name: /As code/ })
        .click();
    },
  ],
  [
    'flag-variations-edit',
    async (page) => {
      await go(page, `${SHOP}/flags/payment-limits?tab=variations`);
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await expect(dialog(page).getByRole('textbox', { name: 'Value 1', exact: true })).toBeVisible();
    },
  ],
  [
    'segment-upload',
    async (page) => {
      await go(page, `${SHOP}/segments/newsletter`);
      await page.getByRole('button', { name: 'Upload a file' }).click();
      const keys = Array.from({ length: 900 }, (_, n) => `reader-${n + 600}`).join('\n');
      const file = { name: 'readers.csv', mimeType: 'text/csv', buffer: Buffer.from(keys) };
      await dialog(page).locator('input[type=file]').setInputFiles(file);
      await page.getByRole('radio', { name: /They go/ }).check();
      await page.getByRole('button', { name: /Compare with/ }).click();
      await expect(dialog(page)).toContainText('are taken out');
    },
  ],
  [
    'compare-copy',
    async (page) => {
      await go(page, `${SHOP}/compare?with=staging`);
      await page.getByRole('button', { name: /Copy/ }).first().click();
      await shown(page);
    },
  ],
  [
    'not-found',
    async (page) => {
      await page.goto(`${AT()}${SHOP}/flags/no-such-flag`);
      await page.getByRole('heading').first().waitFor();
      await page.waitForLoadState('networkidle');
    },
  ],
  [
    'not-found-project',
    async (page) => {
      await page.goto(`${AT()}/projects/no-such-project/test/flags`);
      await page.getByRole('heading', { name: 'There is no project' }).waitFor();
      await page.waitForLoadState('networkidle');
    },
  ],
  [
    'not-found-environment',
    async (page) => {
      await page.goto(`${AT()}/projects/shop/nowhere/segments`);
      await page.getByRole('heading', { name: 'Shop has no environment' }).waitFor();
      await page.waitForLoadState('networkidle');
    },
  ],
  [
    'why-served',
    async (page) => {
      await go(page, `${SHOP}/flags/new-checkout`);
      await page.getByRole('button', { name: 'Why New checkout?' }).click();
      await shown(page);
    },
  ],
  [
    'flags-empty',
    async (page) => {
      const environments = [{ name: 'Test', key: 'test', color: '2f74c0' }];
      // The other theme made it before.
      await api()
        .post('/projects', { name: 'Blank', key: 'blank', environments })
        .catch(() => undefined);
      await go(page, '/projects/blank/test/flags');
    },
  ],
  [
    'flags-nothing-found',
    async (page) => {
      await go(page, `${SHOP}/flags?filter=query:nothing-like-it`);
    },
  ],
  [
    'unreachable',
    async (page) => {
      await page.route('**/api/v2/segments/**', (route) => route.abort());
      await page.goto(`${AT()}${SHOP}/segments`);
      await page.getByRole('alert').first().waitFor();
      await page.unroute('**/api/v2/segments/**');
    },
  ],
  ...CONFLICTS,
];
