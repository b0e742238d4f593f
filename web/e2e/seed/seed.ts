import { Api } from './api';
import { seedAround } from './around';
import { seedContexts } from './contexts';
import { FLAGS } from './flags';
import { maintainer, people, type Sessions } from './people';
import { seedSettings } from './settings';
import { seedUsage } from './usage';
import { seedViews } from './views';

interface Flag {
  key: string;
  variations: { _id: string }[];
}

/** A realistic account: a shop with three environments, thirty flags, segments, people, roles and events. */
export async function seed(at: string, token: string) {
  const api = new Api(at, token);
  await api.post('/projects', {
    name: 'Shop',
    key: 'shop',
    tags: ['web'],
    environments: [
      { name: 'Production', key: 'production', color: 'c4432b', critical: true, requireComments: true },
      { name: 'Staging', key: 'staging', color: 'd59b12' },
      { name: 'Test', key: 'test', color: '2f74c0' },
    ],
  });
  const made = await people(api);
  await seedSettings(api);
  await segments(api);
  const flags = new Map<string, Flag>();
  for (const { values, ...flag } of FLAGS) {
    const variations = values?.map(([value, name]) => ({ value, name }));
    flags.set(
      flag.key,
      await api.post<Flag>('/flags/shop', {
        ...flag,
        maintainerId: made.ids[maintainer(flag.tags)],
        ...(variations ? { variations } : {}),
      }),
    );
  }
  await seedViews(api);
  await targeting(made.sessions, flags);
  await seedContexts(api);
  await seedUsage(api, 'production');
  await seedUsage(api, 'test');
  await seedAround(api);
}

async function segments(api: Api) {
  const clause = (attribute: string, op: string, values: unknown[]) => ({
    contextKind: 'user',
    attribute,
    op,
    values,
    negate: false,
  });
  for (const env of ['production', 'staging', 'test']) {
    for (const [key, name, tags] of [
      ['beta-testers', 'Beta testers', ['beta']],
      ['big-cities', 'Same-day cities', ['logistics']],
      ['staff', 'Staff', ['internal']],
    ] as const) {
      await api.post(`/segments/shop/${env}`, { key, name, tags });
    }
    const patch = (segment: string, instructions: unknown[]) =>
      api.semantic(`/segments/shop/${env}/${segment}`, {
        environmentKey: env,
        instructions,
        comment: 'First members',
      });
    await patch('beta-testers', [
      { kind: 'addIncludedTargets', contextKind: 'user', values: ['user-3', 'user-8', 'user-21'] },
    ]);
    await patch('big-cities', [
      { kind: 'addRule', description: 'By city', clauses: [clause('city', 'in', ['Berlin', 'Hamburg'])] },
    ]);
    await patch('staff', [
      {
        kind: 'addRule',
        description: 'By e-mail address',
        clauses: [clause('email', 'endsWith', ['@shop.example'])],
      },
    ]);
  }
}

async function targeting(by: Sessions, flags: Map<string, Flag>) {
  const id = (key: string, index: number) => flags.get(key)?.variations[index]?._id ?? '';
  /** The release manager has production, and engineers their own flags elsewhere. */
  const who = (key: string, env: string) =>
    env === 'production' ? by.manager : key === 'search-ranking' ? by.search : by.payments;
  const patch = (key: string, environmentKey: string, comment: string, ...instructions: unknown[]) =>
    who(key, environmentKey).semantic(`/flags/shop/${key}`, { environmentKey, comment, instructions });
  const on = { kind: 'turnFlagOn' };
  const clause = (attribute: string, op: string, values: unknown[], negate = false) => ({
    contextKind: 'user',
    attribute,
    op,
    values,
    negate,
  });
  const segment = (...values: string[]) => ({
    attribute: 'segmentMatch',
    op: 'segmentMatch',
    negate: false,
    values,
  });
  for (const key of [
    'express-pay',
    'dark-mode',
    'product-reviews',
    'guest-checkout',
    'image-cdn',
    'two-factor-login',
    'saved-carts',
  ]) {
    await patch(key, 'test', 'Ready to be tried', on);
    await patch(key, 'staging', 'Tested', on);
  }
  for (const key of ['dark-mode', 'guest-checkout', 'image-cdn'])
    await patch(key, 'production', 'Launched', on);
  await patch('new-checkout', 'test', 'For everybody in test', on);
  await patch('new-checkout', 'staging', 'Half of it', on, {
    kind: 'updateFallthroughVariationOrRollout',
    rolloutWeights: { [id('new-checkout', 0)]: 50_000, [id('new-checkout', 1)]: 50_000 },
  });
  await patch(
    'new-checkout',
    'production',
    'Begin with staff and beta testers, then gold customers in Germany',
    { kind: 'addPrerequisite', key: 'guest-checkout', variationId: id('guest-checkout', 0) },
    {
      kind: 'addTargets',
      contextKind: 'user',
      variationId: id('new-checkout', 0),
      values: ['user-3', 'user-14'],
    },
    { kind: 'addTargets', contextKind: 'user', variationId: id('new-checkout', 1), values: ['user-99'] },
    {
      kind: 'addRule',
      description: 'Staff and beta testers',
      clauses: [segment('staff', 'beta-testers')],
      variationId: id('new-checkout', 0),
    },
    {
      kind: 'addRule',
      description: 'Gold customers in Germany and Austria',
      clauses: [clause('plan', 'in', ['gold', 'platinum']), clause('country', 'in', ['DE', 'AT'])],
      rolloutWeights: { [id('new-checkout', 0)]: 30_000, [id('new-checkout', 1)]: 70_000 },
    },
    {
      kind: 'addRule',
      description: 'Old apps',
      clauses: [clause('appVersion', 'semVerLessThan', ['4.2.0'])],
      variationId: id('new-checkout', 1),
    },
    { kind: 'updateFallthroughVariationOrRollout', variationId: id('new-checkout', 1) },
    on,
  );
  const shares = Object.fromEntries(
    [60_000, 25_000, 15_000].map((weight, index) => [id('search-ranking', index), weight]),
  );
  await patch('search-ranking', 'production', 'Trial of vector search', on, {
    kind: 'updateFallthroughVariationOrRollout',
    rolloutWeights: shares,
  });
  await patch(
    'same-day-delivery',
    'production',
    'Two cities',
    on,
    {
      kind: 'addRule',
      description: 'Cities',
      clauses: [segment('big-cities')],
      variationId: id('same-day-delivery', 0),
    },
    { kind: 'updateFallthroughVariationOrRollout', variationId: id('same-day-delivery', 1) },
  );
  await patch('page-size', 'production', 'As decided', on);
  await patch('checkout-button', 'staging', 'Copy test', on);
  const retire = (key: string, kind: string, comment: string) =>
    by.manager.semantic(`/flags/shop/${key}`, { comment, instructions: [{ kind }] });
  await retire('cookie-banner-2', 'archiveFlag', 'The banner is gone since spring');
  await retire('new-navigation', 'deprecateFlag', 'Everybody has it; taken out of code next');
}
