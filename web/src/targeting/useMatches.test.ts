import { expect, test } from 'vitest';
import { matchesOf } from './useMatches';

const of = (count: number, reason: object) => ({ count, reason, value: true }) as never;

test('contexts are counted by what decides for them, whatever they get', () => {
  const decided = [
    of(4, { kind: 'RULE_MATCH', ruleIndex: 1 }),
    of(3, { kind: 'RULE_MATCH', ruleIndex: 1 }),
    of(2, { kind: 'TARGET_MATCH' }),
    of(5, { kind: 'FALLTHROUGH' }),
    of(6, { kind: 'FALLTHROUGH' }),
    of(1, { kind: 'PREREQUISITE_FAILED', prerequisiteKey: 'other' }),
  ];
  const matches = matchesOf({ evaluated: 21, decided });
  expect(matches.rules[0]).toBeUndefined();
  expect(matches).toMatchObject({ evaluated: 21, targets: 2, fallthrough: 11 });
  expect(matches.rules[1]).toBe(7);
});
