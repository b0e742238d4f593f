import { expect, test } from 'vitest';
import { linkBody } from './linkBody';

const none = { by: 'keys', env: 'test', keys: [], filter: '' } as const;

test('nothing chosen is nothing to link', () => {
  expect(linkBody('flags', { ...none, keys: [] }, 'e1')).toBeUndefined();
  expect(linkBody('flags', { ...none, keys: ['lamp'], by: 'filter', filter: '  ' }, 'e1')).toBeUndefined();
});

test('flags go by key, segments by environment and key', () => {
  const values = { ...none, keys: ['lamp'] };
  expect(linkBody('flags', values, 'e1')).toEqual({ keys: ['lamp'] });
  expect(linkBody('segments', values, 'e1')).toEqual({
    segmentIdentifiers: [{ environmentId: 'e1', segmentKey: 'lamp' }],
  });
});

test('a filter looks for segments in one environment', () => {
  const values = { ...none, keys: [], by: 'filter' as const, filter: ' tags:web ' };
  expect(linkBody('flags', values, 'e1')).toEqual({ filter: 'tags:web' });
  expect(linkBody('segments', values, 'e1')).toEqual({ filter: 'tags:web', environmentId: 'e1' });
});
