import { expect, test } from 'vitest';
import { differences } from './differences';

test('only what differs is told, and what always changes is not', () => {
  const before = { _version: 1, name: 'a', tags: ['x'], env: { on: false, lastModified: 1 } };
  const after = { _version: 2, name: 'a', tags: ['x', 'y'], env: { on: true, lastModified: 2 } };
  expect(differences(before, after)).toEqual([
    { path: '/tags/1', before: undefined, after: 'y' },
    { path: '/env/on', before: false, after: true },
  ]);
});

test('members of lists are followed by id', () => {
  const [a, b, c] = [
    { _id: 'a', n: 1 },
    { _id: 'b', n: 1 },
    { _id: 'c', n: 1 },
  ];
  expect(differences([a, b], [c, a, { ...b, n: 2 }])).toEqual([
    { path: '/b/n', before: 1, after: 2 },
    { path: '/c', before: undefined, after: c },
  ]);
});
