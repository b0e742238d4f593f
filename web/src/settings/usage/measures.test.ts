import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MEASURES } from './measures';
import { linesOf } from '~/charts/series';

const USAGE = '/api/v2/usage/';
/** What Wigwag has nothing to count for: `NotMeasured` says so. */
const EMPTY = /^(data-export|experimentation-keys|observability\/|vega-ai|warehouse-export)/;
/** Charted on the page of the flag; the same numbers as others have; names that the series hold themselves. */
const ELSEWHERE = [
  'evaluations/{projectKey}/{environmentKey}/{featureFlagKey}',
  'mau',
  'streams/{source}/sdkversions',
];

test('every operation of account usage is shown, or said to be empty', () => {
  const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, unknown> };
  const sources = ['measures.ts', 'SdkVersions.tsx'].map((name) =>
    readFileSync(`src/settings/usage/${name}`, 'utf8'),
  );
  const left = Object.keys(document.paths)
    .filter((path) => path.startsWith(USAGE) && !sources.some((text) => text.includes(`'${path}'`)))
    .map((path) => path.slice(USAGE.length))
    .filter((path) => !EMPTY.test(path) && !ELSEWHERE.includes(path));
  expect(left).toEqual([]);
});

test('measures have keys of their own, and lines are made of what they answer', () => {
  expect(new Set(MEASURES.map(({ key }) => key)).size).toBe(MEASURES.length);
  const lines = linesOf(
    { metadata: [{ sdk: 'node' }, { sdk: 'go' }], series: [{ time: 1, '0': 2 }] } as never,
    (about) => String(about.sdk),
  );
  expect(lines).toEqual({
    times: [1],
    series: [
      { name: 'node', values: [2] },
      { name: 'go', values: [null] },
    ],
  });
});
