import { expect } from '@playwright/test';
import { AT, settled, SHOP } from './console';
import type { Open } from './dialogs';
import { Api } from './seed/api';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');

/** What two people changed of the same thing, each in a way of their own. */
export const CONFLICTS: [name: string, open: Open][] = [
  [
    'flag-conflict',
    async (page) => {
      const { variations } = await api().send<{ variations: { _id: string }[] }>(
        'GET',
        '/api/v2/flags/shop/search-ranking',
      );
      const share = (weights: number[]) =>
        api().semantic('/flags/shop/search-ranking', {
          environmentKey: 'production',
          comment: 'More of it',
          instructions: [
            {
              kind: 'updateFallthroughVariationOrRollout',
              rolloutWeights: Object.fromEntries(
                variations.map(({ _id }, index) => [_id, (weights[index] ?? 0) * 1_000]),
              ),
            },
          ],
        });
      // As it was before the other theme's picture.
      await share([60, 25, 15]);
      await page.unroute('**/internal/changes');
      await page.goto(`${AT()}${SHOP}/flags/search-ranking`);
      await settled(page);
      const percent = page.getByRole('textbox', { name: /in percent/ });
      await percent.first().fill('50');
      await percent.nth(1).fill('35');
      await share([40, 20, 40]);
      await expect(page.getByRole('dialog', { name: 'Somebody else saved this flag' })).toBeVisible();
      await page.route('**/internal/changes', (route) => route.fulfill({ status: 204 }));
    },
  ],
  [
    'settings-conflict',
    async (page) => {
      const rename = (name: string) =>
        api().send('PATCH', '/api/v2/projects/blank', [{ op: 'replace', path: '/name', value: name }]);
      await api()
        .post('/projects', { name: 'Blank', key: 'blank' })
        .catch(() => undefined);
      await rename('Blank');
      await page.unroute('**/internal/changes');
      await page.goto(`${AT()}/settings/projects?open=blank`);
      await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Warehouse');
      await rename('Shelves');
      await expect(page.getByRole('dialog', { name: 'Somebody else saved this meanwhile' })).toBeVisible();
      await page.route('**/internal/changes', (route) => route.fulfill({ status: 204 }));
    },
  ],
];
