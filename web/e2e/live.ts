import type { Page } from '@playwright/test';
import { AT, settled } from './console';
import { Api } from './seed/api';
import { seedContexts } from './seed/contexts';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');

const SDKS = [
  ['NodeJSClient/9.13.7', 'shop-api', '4.2.0'],
  ['NodeJSClient/9.13.7', 'shop-api', '4.2.0'],
  ['GoClient/7.10.1', 'checkout', '2.1'],
  ['JavaClient/7.8.0', 'warehouse', '11'],
];

/** Held until the tests end: a body that nobody holds is closed. */
const open: Response[] = [];

/** Streams as SDKs open them, and changes that reach them. */
async function connect(): Promise<void> {
  const { apiKey } = await api().send<{ apiKey: string }>(
    'GET',
    '/api/v2/projects/shop/environments/production',
  );
  for (const [agent = '', application, version] of SDKS) {
    const stream = await fetch(`${AT()}/all`, {
      headers: {
        Authorization: apiKey,
        'User-Agent': agent,
        'X-LaunchDarkly-Tags': `application-id/${application} application-version/${version}`,
      },
    });
    open.push(stream);
  }
  const change = (kind: string) =>
    api().semantic('/flags/shop/wishlist-sharing', {
      environmentKey: 'production',
      comment: 'Seen by those who are connected',
      instructions: [{ kind }],
    });
  await change('turnFlagOn');
  await change('turnFlagOff');
}

/** Opens a screen and waits until it is whole. Those that live on what comes meanwhile get something to show. */
export async function visit(page: Page, name: string, path: string): Promise<void> {
  if (name === 'instances' && open.length === 0) await connect();
  await page.goto(AT() + path);
  // The stream of events is never idle.
  await settled(page, name !== 'events');
  if (name === 'events') {
    await page.getByRole('main').getByText('live', { exact: true }).waitFor();
    await seedContexts(api(), 14);
    await page.getByRole('log').getByRole('button').first().waitFor();
  }
  // What was sent in the last day says more by the hour.
  if (name === 'flag-evaluations') {
    await page
      .getByRole('textbox', { name: 'Time', exact: true })
      .or(page.getByRole('combobox', { name: 'Time', exact: true }))
      .click();
    await page.getByRole('option', { name: 'last day' }).click();
    await settled(page, true);
  }
  if (name === 'instances') await page.getByText('GoClient').first().waitFor();
}
