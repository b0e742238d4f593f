import { expect, test } from 'vitest';
import { aboutInstructions, type About } from './about';

const about: About = {
  name: 'Lamp',
  description: '',
  tags: ['web'],
  maintainer: { member: 'm1', team: null },
  client: false,
  mobile: true,
  temporary: true,
};

test('only what differs is patched', () => {
  expect(aboutInstructions(about, about)).toEqual([]);
  expect(aboutInstructions(about, { ...about, tags: ['new'], client: true, mobile: false })).toEqual([
    { kind: 'addTags', values: ['new'] },
    { kind: 'removeTags', values: ['web'] },
    { kind: 'turnOnClientSideAvailability', value: 'usingEnvironmentId' },
    { kind: 'turnOffClientSideAvailability', value: 'usingMobileKey' },
  ]);
});

test('a flag has a member, a team or nobody', () => {
  const kinds = (now: Partial<About>) => aboutInstructions(about, { ...about, ...now });
  expect(kinds({ maintainer: { member: 'm2', team: null } })).toEqual([
    { kind: 'updateMaintainerMember', value: 'm2' },
  ]);
  expect(kinds({ maintainer: { member: null, team: 'payments' } })).toEqual([
    { kind: 'updateMaintainerTeam', value: 'payments' },
  ]);
  expect(kinds({ maintainer: { member: null, team: null } })).toEqual([{ kind: 'removeMaintainer' }]);
});
