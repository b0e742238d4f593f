import { expect, type Page } from '@playwright/test';
import { PASSWORD, READER } from './seed/people';

export const AT = () => process.env.WIGWAG_AT ?? '';
export const SHOP = '/projects/shop/production';

export type Theme = 'light' | 'dark';

/** Gives address and password, and chooses a theme. */
export async function knock(page: Page, theme: Theme, email: string, password: string, at = AT()) {
  await page.addInitScript((scheme) => localStorage.setItem('mantine-color-scheme-value', scheme), theme);
  await page.addInitScript(() =>
    localStorage.setItem('wigwag.place', '{"project":"shop","env":"production"}'),
  );
  await page.goto(`${at}/`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Signs the owner in and chooses a theme. */
export async function signIn(
  page: Page,
  theme: Theme = 'light',
  email = 'owner@example.com',
  password = process.env.WIGWAG_PASSWORD ?? '',
  at = AT(),
) {
  await knock(page, theme, email, password, at);
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeAttached();
}

/** Signs the member in who may look at everything and change nothing. */
export const signInReader = (page: Page) => signIn(page, 'light', READER, PASSWORD);

/** For pictures and axe: without the stream of changes the network falls idle. Answered 204, a browser does not ask again. */
export async function still(page: Page) {
  await page.route('**/internal/changes', (route) => route.fulfill({ status: 204 }));
}

/** A page that still asks after this long asks all the time, and would never be waited for. */
const IDLE_MS = 20_000;

/** Waits until what is shown no longer changes: everything was loaded. */
export async function settled(page: Page, idle = false) {
  if (idle) await page.waitForLoadState('networkidle', { timeout: IDLE_MS });
  await page.waitForFunction(() => document.querySelectorAll('.mantine-Skeleton-root').length === 0);
  await expect(page.locator('h1').first()).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
}

/** Every screen of the console, by the name of its picture. */
export const ALL_SCREENS: [name: string, path: string][] = [
  ['flags', `${SHOP}/flags`],
  ['flag', `${SHOP}/flags/new-checkout`],
  ['flag-variations', `${SHOP}/flags/search-ranking?tab=variations`],
  ['flag-evaluations', `${SHOP}/flags/new-checkout?tab=evaluations`],
  ['flag-history', `${SHOP}/flags/new-checkout?tab=history`],
  ['flag-code', `${SHOP}/flags/new-checkout?tab=code`],
  ['flag-links', `${SHOP}/flags/new-checkout?tab=links`],
  ['flag-settings', `${SHOP}/flags/new-checkout?tab=settings`],
  ['segments', `${SHOP}/segments`],
  ['segment', `${SHOP}/segments/big-cities`],
  ['segment-big', `${SHOP}/segments/newsletter`],
  ['views', `${SHOP}/views`],
  ['view', `${SHOP}/views/checkout`],
  ['contexts', `${SHOP}/contexts`],
  ['context', `${SHOP}/contexts/user/user-12`],
  ['playground', `${SHOP}/playground`],
  ['compare', `${SHOP}/compare?with=staging`],
  ['compare-moments', `${SHOP}/compare?moments=1`],
  ['changes', `${SHOP}/changes`],
  ['events', `${SHOP}/events`],
  ['instances', `${SHOP}/instances`],
  ['start', `${SHOP}/start`],
  ['settings-projects', '/settings/projects'],
  ['settings-project', '/settings/projects/shop'],
  ['settings-members', '/settings/members'],
  ['settings-teams', '/settings/teams'],
  ['settings-roles', '/settings/roles'],
  ['settings-access', '/settings/access'],
  ['settings-tokens', '/settings/tokens'],
  ['settings-oauth', '/settings/oauth'],
  ['settings-webhooks', '/settings/webhooks'],
  ['settings-integrations', '/settings/integrations'],
  ['settings-stores', '/settings/stores'],
  ['settings-relay', '/settings/relay'],
  ['settings-usage', '/settings/usage'],
  ['settings-announcements', '/settings/announcements'],
  ['settings-sso', '/settings/sso'],
  ['settings-factor', '/settings/factor'],
  ['settings-scim', '/settings/scim'],
  ['settings-addresses', '/settings/addresses'],
  ['settings-audit', '/settings/audit'],
  ['settings-role', '/settings/roles?open=release-managers'],
  ['settings-token-create', '/settings/tokens?open=new'],
  ['settings-environment', '/settings/projects/shop?open=env.production'],
  ['settings-integration-create', '/settings/integrations?open=new'],
  ['profile', '/profile'],
];

const ONLY = (process.env.ONLY ?? '').split(',');

/** Whether `ONLY` names it by a part, as in `instances,usage`; without it everything is. */
export const picked = (name: string) => ONLY.some((part) => name.includes(part));

export const SCREENS = ALL_SCREENS.filter(([name]) => picked(name));
