import { expect, test } from 'vitest';
import { evaluationOf, eventText } from './eventText';

test('each kind of event says what is particular to it', () => {
  const context = { kind: 'user', key: 'ann' };
  expect(eventText({ kind: 'feature', key: 'lamp', value: true, context })).toBe('lamp → true · user ann');
  expect(eventText({ kind: 'identify', context })).toBe('user ann');
  expect(eventText({ kind: 'custom', key: 'bought', contextKeys: { user: 'ann', org: 'acme' } })).toBe(
    'bought · user ann, org acme',
  );
  expect(eventText({ kind: 'click', key: 'k', url: 'https://x.example', context })).toBe(
    'k · https://x.example · user ann',
  );
});

test('summaries are counted by flag, contexts of several kinds are all named', () => {
  const features = { lamp: { counters: [{ count: 2 }, { count: 3 }] }, door: { counters: [{ count: 1 }] } };
  expect(eventText({ kind: 'summary', features })).toBe('lamp × 5, door × 1');
  const multi = { kind: 'multi', user: { key: 'ann' }, org: { key: 'acme' } };
  expect(eventText({ kind: 'index', context: multi })).toBe('user ann, org acme');
});

test('an event about one evaluation can be asked why, with what is known of its context', () => {
  const context = { kind: 'user', key: 'ann', plan: 'gold' };
  expect(evaluationOf({ kind: 'feature', key: 'lamp', context })).toEqual({ flag: 'lamp', context });
  expect(evaluationOf({ kind: 'feature', key: 'lamp', contextKeys: { user: 'ann' } })?.context).toEqual({
    kind: 'user',
    key: 'ann',
  });
  expect(evaluationOf({ kind: 'debug', key: 'lamp', contextKeys: { user: 'a', org: 'b' } })?.context).toEqual(
    {
      kind: 'multi',
      user: { key: 'a' },
      org: { key: 'b' },
    },
  );
  expect(evaluationOf({ kind: 'custom', key: 'bought', context })).toBeUndefined();
  expect(evaluationOf({ kind: 'feature', key: 'lamp' })).toBeUndefined();
});
