import { expect, test } from 'vitest';
import type { Flag, Instruction } from '~/api/types';
import { applies } from './changeFlag';

const flag = { tags: ['a', 'b'], archived: false, environments: { test: { on: true } } } as unknown as Flag;

const holds = (instruction: Instruction, environmentKey = 'test') =>
  applies({ environmentKey, instructions: [instruction] }, flag);

test('a change is still meant while nothing of it is so already', () => {
  expect(holds({ kind: 'turnFlagOff' })).toBe(true);
  expect(holds({ kind: 'turnFlagOn' })).toBe(false);
  expect(holds({ kind: 'turnFlagOff' }, 'gone')).toBe(false);
  expect(holds({ kind: 'addTags', values: ['c'] })).toBe(true);
  expect(holds({ kind: 'addTags', values: ['b', 'c'] })).toBe(false);
  expect(holds({ kind: 'removeTags', values: ['a', 'b'] })).toBe(true);
  expect(holds({ kind: 'removeTags', values: ['a', 'c'] })).toBe(false);
  expect(holds({ kind: 'archiveFlag' })).toBe(true);
  expect(holds({ kind: 'restoreFlag' })).toBe(false);
});
