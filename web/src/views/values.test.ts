import { expect, test } from 'vitest';
import { viewPatch, viewValues } from './values';

const was = {
  ...viewValues(undefined),
  name: 'Checkout',
  key: 'checkout',
  tags: ['web'],
  maintainer: { member: 'm1', team: null },
};

test('nothing is sent of what stays', () => {
  expect(viewPatch(was, { ...was })).toEqual({});
  expect(viewPatch(was, { ...was, name: 'Pay', description: '' })).toEqual({ name: 'Pay' });
});

test('a maintainer is a member or a team, and is taken away by an empty name', () => {
  expect(viewPatch(was, { ...was, maintainer: { member: null, team: 'payments' } })).toEqual({
    maintainerTeamKey: 'payments',
  });
  expect(viewPatch(was, { ...was, maintainer: { member: 'm2', team: null } })).toEqual({
    maintainerId: 'm2',
  });
  expect(viewPatch(was, { ...was, maintainer: { member: null, team: null } })).toEqual({ maintainerId: '' });
});

test('text and tags can be emptied', () => {
  const described = { ...was, description: 'All of it' };
  expect(viewPatch(described, { ...described, description: '', tags: [] })).toEqual({
    description: '',
    tags: [],
  });
});
