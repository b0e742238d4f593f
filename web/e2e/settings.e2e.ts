import { expect, test, type Page } from '@playwright/test';
import { Api } from './seed/api';
import { AT, settled, signIn } from './console';
import { PASSWORD } from './seed/people';

const api = () => new Api(AT(), process.env.WIGWAG_TOKEN ?? '');

/** Somebody of the test's own, who followed the link of the invitation. */
async function member(name: string, rights: object): Promise<{ email: string; id: string }> {
  const email = `${name}@shop.example`;
  const made = await api().post<{ items: { _id: string }[] }>('/members', [
    { email, firstName: name, ...rights },
  ]);
  const mail = await api().send<{ items: { to: string; text: string }[] }>('GET', '/internal/mail');
  const letter = mail.items.find(({ to }) => to === email)?.text ?? '';
  const token = /token=(\w+)/.exec(letter)?.[1];
  await api().send('POST', '/internal/invitation/accept', { token, password: PASSWORD });
  return { email, id: made.items[0]?._id ?? '' };
}

async function settings(page: Page, section: string) {
  await page.goto(`${AT()}/settings/${section}`);
  await settled(page);
}

const nav = (page: Page) => page.getByRole('navigation', { name: 'Settings' });

test('a reader sees no page that is not theirs, and is told why a button is off', async ({ page }) => {
  const { email } = await member('rita', { role: 'reader' });
  await signIn(page, 'light', email, PASSWORD);
  await settings(page, 'teams');
  await expect(nav(page).getByRole('link', { name: 'Members' })).toBeVisible();
  await expect(nav(page).getByRole('link', { name: 'Audit record' })).toHaveCount(0);
  await expect(nav(page).getByRole('link', { name: 'Provisioning (SCIM)' })).toHaveCount(0);
  const create = page.getByRole('button', { name: 'Create team' });
  await expect(create).toHaveAttribute('aria-disabled', 'true');
  await create.focus();
  await expect(page.getByRole('tooltip')).toContainText('No role allows createTeam on team/*');
  await create.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'More for Payments' })).toHaveCount(0);
  await page.getByRole('button', { name: 'View Payments' }).click();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Save' })).toBeDisabled();
});

test('a role of one’s own shows what it allows, and only that', async ({ page }) => {
  const policy = [
    { effect: 'allow', actions: ['createTeam', 'updateTeamName'], resources: ['team/*'] },
    { effect: 'deny', actions: ['updateTeamName'], resources: ['team/payments'] },
  ];
  const role = { key: 'team-makers', name: 'Team makers', policy, basePermissions: 'reader' };
  await api().post('/roles', role);
  await api().post('/teams', { key: 'search', name: 'Search' });
  const { email } = await member('tina', { role: 'reader', customRoles: ['team-makers'] });
  await signIn(page, 'light', email, PASSWORD);
  await settings(page, 'teams');
  await expect(page.getByRole('button', { name: 'Create team' })).not.toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await expect(page.getByRole('button', { name: 'Edit Search' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'View Payments' })).toBeVisible();
  await settings(page, 'roles');
  const create = page.getByRole('button', { name: 'Create role' });
  await expect(create).toHaveAttribute('aria-disabled', 'true');
  await create.hover();
  await expect(page.getByRole('tooltip')).toContainText('createRole');
});

test('what is typed outlives a reload, a refusal and an ended session', async ({ page }) => {
  const { email, id } = await member('dora', { role: 'admin' });
  await signIn(page, 'light', email, PASSWORD);
  await settings(page, 'projects');
  await page.getByRole('button', { name: 'Create project' }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Create a project' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Shop again');
  await dialog.getByRole('textbox', { name: 'Key', exact: true }).fill('shop');
  await page.reload();
  await expect(dialog.getByText('What you typed before is here again.')).toBeVisible();
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Shop again');
  await dialog.getByRole('button', { name: 'Create project' }).click();
  await expect(dialog.getByRole('alert').filter({ hasText: 'already has a project' })).toBeVisible();
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Shop again');

  await api().send('DELETE', `/internal/members/${id}/sessions`);
  await dialog.getByRole('textbox', { name: 'Key', exact: true }).fill('shop-again');
  await dialog.getByRole('button', { name: 'Create project' }).click();
  const again = page.getByRole('dialog').filter({ hasText: 'Your session ended' });
  await again.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await again.getByRole('button', { name: 'Sign in' }).click();
  await expect(again).toHaveCount(0);
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Shop again');
  await dialog.getByRole('button', { name: 'Create project' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Shop again');
});

test('what two people edit is merged, and asked about where both changed the same', async ({ page }) => {
  const hook = await api().post<{ _id: string }>('/webhooks', {
    name: 'Ledger',
    url: 'https://ledger.example/in',
    on: true,
    sign: false,
  });
  const path = `/api/v2/webhooks/${hook._id}`;
  const change = (name: string, value: unknown) =>
    api().send('PATCH', path, [{ op: 'replace', path: `/${name}`, value }]);
  await signIn(page);
  await settings(page, 'webhooks');
  await page.getByRole('button', { name: 'Edit Ledger' }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Edit Ledger' });
  const name = dialog.getByRole('textbox', { name: 'Name' });
  await name.fill('Ledger of mine');

  await change('url', 'https://ledger.example/theirs');
  await expect(dialog.getByRole('textbox', { name: 'Address' })).toHaveValue('https://ledger.example/theirs');
  await expect(name).toHaveValue('Ledger of mine');

  await change('name', 'Ledger of theirs');
  const asked = page.getByRole('dialog').filter({ hasText: 'Somebody else saved this meanwhile' });
  const field = asked.getByRole('group', { name: 'Name' });
  await expect(field).toContainText('It was: Ledger');
  await expect(asked.getByRole('button', { name: 'Continue' })).toBeDisabled();
  await expect(field.getByRole('button', { name: 'Ledger of theirs' })).toBeVisible();
  await field.getByRole('button', { name: 'Ledger of mine' }).click();
  await asked.getByRole('button', { name: 'Continue' }).click();
  await expect(asked).toHaveCount(0);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const saved = await api().send<{ name: string; url: string }>('GET', path);
  expect([saved.name, saved.url]).toEqual(['Ledger of mine', 'https://ledger.example/theirs']);
});

test('what is charted, asked and searched is in the address', async ({ page }) => {
  await signIn(page);
  await settings(page, 'usage');
  await page.getByText('7 days', { exact: true }).click();
  await expect(page).toHaveURL(/days=/);
  await page.reload();
  await expect(page.getByRole('radio', { name: '7 days' })).toBeChecked();

  await settings(page, 'access?action=deleteFlag');
  await expect(page.getByRole('region', { name: /^deleteFlag proj\/shop/ })).toBeVisible();
  const action = page.getByRole('textbox', { name: 'Action' });
  await action.fill('createFlag');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Ask' }).click();
  await expect(page.getByRole('region', { name: /^createFlag proj\/shop/ })).toBeVisible();
  await page.goBack();
  await expect(action).toHaveValue('deleteFlag');
  await expect(page.getByRole('region', { name: /^deleteFlag proj\/shop/ })).toBeVisible();
  await page.goForward();
  await expect(action).toHaveValue('createFlag');

  await page.goto(`${AT()}/projects/shop/production/contexts/user/user-12`);
  await page.getByRole('searchbox', { name: 'Find a flag' }).fill('checkout');
  await expect(page).toHaveURL(/q=checkout/);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Why New checkout?' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Why Dark mode?' })).toHaveCount(0);
});

test('a policy says what it means, is tried, and is saved', async ({ page }) => {
  await signIn(page);
  await settings(page, 'roles');
  await page.getByRole('button', { name: 'Create role' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Switchers');
  const statement = dialog.getByRole('region', { name: 'Statement 1' });
  await expect(statement).toContainText(
    'Allows updateOn on all flags in the environment test in all projects',
  );
  await dialog.getByLabel('Resource', { exact: true }).fill('proj/shop:env/test:flag/f');
  await dialog.getByRole('button', { name: 'Try', exact: true }).click();
  await expect(dialog.getByText('Statement 1 of the policy allows updateOn')).toBeVisible();
  await statement.getByText('Deny', { exact: true }).click();
  await expect(dialog.getByText('Statement 1 of the policy denies updateOn')).toBeVisible();
  await dialog.getByRole('button', { name: 'As code' }).click();
  await dialog.getByText('Terraform').click();
  await expect(dialog.getByLabel('the change as code', { exact: true })).toContainText(
    'resource "launchdarkly_custom_role" "switchers"',
  );
  await dialog.getByRole('button', { name: 'Create role' }).click();
  await expect(page.getByText('switchers', { exact: true })).toBeVisible();
});

test('an announcement is shown on every page until it is put away', async ({ page }) => {
  await api().post('/announcements', {
    title: 'Mind the gap',
    message: 'Between train and platform.',
    severity: 'info',
    isDismissible: true,
    startTime: Date.now() - 1_000,
    endTime: Date.now() + 3_600_000,
  });
  await signIn(page);
  await settings(page, 'members');
  const banner = page.getByRole('region', { name: 'Announcements' });
  await expect(banner).toContainText('Mind the gap');
  await banner.getByRole('button', { name: 'Put away: Mind the gap' }).click();
  await expect(page.getByText('Mind the gap')).toHaveCount(0);
  await page.reload();
  await settled(page);
  await expect(page.getByText('Mind the gap')).toHaveCount(0);
});

test('the record of changes is verified', async ({ page }) => {
  await signIn(page);
  await settings(page, 'audit');
  await expect(page.getByText(/changes, all of them as they were written/)).toBeVisible();
});

test('a token with a policy of its own is shown once, and gets a new value', async ({ page }) => {
  await signIn(page);
  await settings(page, 'tokens');
  await page.getByRole('button', { name: 'Create token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('By hand');
  await dialog.getByText('a policy of its own').click();
  await dialog.getByRole('button', { name: 'Create token' }).click();
  const made = page.getByLabel('the token', { exact: true });
  await expect(made).toContainText('api-');
  const first = await made.textContent();
  await page.getByRole('button', { name: 'More for By hand' }).click();
  await page.getByRole('menuitem', { name: 'New value…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'New value' }).click();
  await expect(made).not.toHaveText(first ?? '');
  const token = ((await made.textContent()) ?? '').trim();
  expect(await new Api(AT(), token).send<{ totalCount: number }>('GET', '/api/v2/projects')).toHaveProperty(
    'items',
  );
});
