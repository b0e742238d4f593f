import type { Api } from './api';

const FLAG = 'new-checkout';

/** What belongs to a flag besides its targeting: code, links, triggers; and a big segment. */
export async function seedAround(api: Api) {
  await api.beta('POST', `/api/v2/flag-links/projects/shop/flags/${FLAG}`, {
    deepLink: 'https://tickets.shop.example/PAY-212',
    title: 'PAY-212: one page instead of four',
    description: 'The decision, and who signed it off.',
  });
  await api.post(`/flags/shop/${FLAG}/triggers/production`, {
    integrationKey: 'datadog',
    instructions: [{ kind: 'turnFlagOff' }],
    comment: 'Off when payments fail',
  });
  await api.post('/code-refs/repositories', {
    name: 'shop-web',
    sourceLink: 'https://code.shop.example/shop-web',
    hunkUrlTemplate: 'https://code.shop.example/shop-web/blob/${sha}/${filePath}#L${lineNumber}',
    type: 'custom',
    defaultBranch: 'main',
  });
  const hunk = (startingLineNumber: number, lines: string) => ({
    startingLineNumber,
    lines,
    projKey: 'shop',
    flagKey: FLAG,
    aliases: ['newCheckout'],
  });
  await api.send('PUT', '/api/v2/code-refs/repositories/shop-web/branches/main', {
    name: 'main',
    head: '8f14e45fceea167a5a36dedd4bea2543a7f0c1d2',
    syncTime: Date.now(),
    references: [
      {
        path: 'src/checkout/route.ts',
        hint: 'typescript',
        hunks: [
          hunk(
            14,
            "export async function checkout(request: Request) {\n  if (await flags.on('new-checkout', request.user)) {\n    return onePage(request);",
          ),
        ],
      },
      {
        path: 'src/checkout/route.test.ts',
        hint: 'typescript',
        hunks: [hunk(31, "flags.set('new-checkout', true);")],
      },
    ],
  });
  const segments = '/segments/shop/production';
  await api.post(segments, {
    key: 'newsletter',
    name: 'Newsletter readers',
    tags: ['crm'],
    unbounded: true,
    unboundedContextKind: 'user',
  });
  await api.post(`${segments}/newsletter/contexts`, {
    included: { add: Array.from({ length: 1_200 }, (_, n) => `reader-${n}`) },
    excluded: { add: ['reader-7', 'reader-8'] },
  });
}
