import type { Api } from './api';

/** Members who are signed in. */
export type Sessions = Record<'manager' | 'payments' | 'search', Api>;

/** Who looks after flags with these tags: an index of the members. */
export function maintainer(tags: string[]): number {
  const of: [tag: string, member: number][] = [
    ['payments', 1],
    ['checkout', 1],
    ['search', 2],
    ['catalogue', 2],
    ['ops', 4],
    ['infrastructure', 4],
    ['security', 4],
    ['support', 3],
  ];
  return of.find(([tag]) => tags.includes(tag))?.[1] ?? 0;
}

/** Chosen by every member who followed an invitation; the owner's is another. */
export const PASSWORD = 'signal-flags-4-all';
/** Who may look at everything and change nothing. */
export const READER = 'support.lead@shop.example';

/** Every member follows the link of the invitation. */
async function accept(api: Api) {
  const mail = await api.send<{ items: { text: string }[] }>('GET', '/internal/mail');
  for (const { text } of mail.items) {
    const token = /token=(\w+)/.exec(text)?.[1];
    if (token) await api.send('POST', '/internal/invitation/accept', { token, password: PASSWORD });
  }
}

/** Members, a role of their own, a team, and a program. */
export async function people(api: Api) {
  // Parts people play, and no persons.
  const members = (
    [
      ['Release', 'manager', 'admin'],
      ['Payments', 'engineer', 'writer'],
      ['Search', 'engineer', 'writer'],
      ['Support', 'lead', 'reader'],
      ['Reliability', 'engineer', 'writer'],
    ] as const
  ).map(([firstName, lastName, role]) => ({
    email: `${firstName}.${lastName}@shop.example`.toLowerCase(),
    firstName,
    lastName,
    role,
  }));
  const made = await api.post<{ items: { _id: string }[] }>('/members', members);
  const policy = [
    {
      effect: 'allow',
      actions: ['updateOn', 'updateFallthrough', 'updateRules'],
      resources: ['proj/shop:env/*:flag/*'],
    },
    { effect: 'deny', actions: ['*'], resources: ['proj/shop:env/production:flag/*;ops'] },
  ];
  await api.post('/roles', {
    key: 'release-managers',
    name: 'Release managers',
    description: 'Roll out, but keep off switches of operations.',
    policy,
    basePermissions: 'reader',
  });
  // All engineers: who only reads keeps to it.
  const memberIDs = [1, 2, 4].map((index) => made.items[index]?._id);
  await api.post('/teams', {
    key: 'payments',
    name: 'Payments',
    description: 'Checkout and everything that moves money',
    memberIDs,
    customRoleKeys: ['release-managers'],
  });
  await accept(api);
  const { items } = await api.send<{ items: { _id: string; role: string }[] }>('GET', '/api/v2/members');
  const owner = items.find(({ role }) => role === 'owner')?._id ?? '';
  await api.send('PATCH', `/api/v2/members/${owner}`, [
    { op: 'add', path: '/firstName', value: 'Account' },
    { op: 'add', path: '/lastName', value: 'owner' },
  ]);
  await api.post('/tokens', { name: 'Terraform', role: 'writer', serviceToken: true });
  await api.post('/webhooks', {
    name: 'Deploy log',
    url: 'https://hooks.shop.example/wigwag',
    sign: true,
    on: true,
  });
  const signIn = (index: number) => api.as(members[index]?.email ?? '', PASSWORD);
  const sessions = { manager: await signIn(0), payments: await signIn(1), search: await signIn(2) };
  return { ids: made.items.map(({ _id }) => _id), sessions };
}
