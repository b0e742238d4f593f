import { useText, type Text } from '~/i18n/text';
import { same } from '~/forms/threeWay';
import { useClauseWords } from '~/targeting/useSentences';
import type { Sentence } from '~/targeting/useSentences';
import { keyChanges, kindsOf, type Keys, type SegmentDraft, type SegmentRule } from './segmentDraft';

/** Keys that are named; more are counted. */
const NAMED = 5;

/** What a change of a segment does, in words. */
export function useSegmentSentences(before: SegmentDraft, after: SegmentDraft): Sentence[] {
  const t = useText();
  const words = useSegmentWords();
  const list = [
    ...keySentences(
      before.included,
      after.included,
      (who) => t('Include {who}', { who }),
      (who) => t('No longer include {who}', { who }),
    ),
    ...keySentences(
      before.excluded,
      after.excluded,
      (who) => t('Exclude {who}', { who }),
      (who) => t('No longer exclude {who}', { who }),
    ),
  ];
  return [...list, ...ruleSentences(t, words, before.rules, after.rules)];

  function keySentences(was: Keys, is: Keys, plus: (who: string) => string, minus: (who: string) => string) {
    return kindsOf(was, is).flatMap((kind): Sentence[] => {
      const { added, removed } = keyChanges(was[kind], is[kind]);
      const who = (keys: string[]) =>
        keys.length <= NAMED
          ? `${kind} ${keys.join(', ')}`
          : t('{count, number} contexts of kind {kind}', { count: keys.length, kind });
      return [
        ...(added.length > 0 ? [{ sign: '+' as const, text: plus(who(added)) }] : []),
        ...(removed.length > 0 ? [{ sign: '−' as const, text: minus(who(removed)) }] : []),
      ];
    });
  }
}

/** A rule of a segment in words. */
export function useSegmentWords() {
  const t = useText();
  const clause = useClauseWords();
  return (rule: SegmentRule) => {
    const clauses = rule.clauses.map(clause).join(` ${t('and')} `);
    const share =
      rule.weight === undefined
        ? clauses
        : t('{percent} % of those with {rule}', { percent: rule.weight / 1000, rule: clauses });
    return rule.description ? `${rule.description}: ${share}` : share;
  };
}

function ruleSentences(
  t: Text,
  words: (rule: SegmentRule) => string,
  before: SegmentRule[],
  after: SegmentRule[],
): Sentence[] {
  const was = new Map(before.map((rule) => [rule.id, rule]));
  const is = new Set(after.map((rule) => rule.id));
  const kept = (rules: SegmentRule[]) => rules.map(({ id }) => id).filter((id) => was.has(id) && is.has(id));
  return [
    ...after.flatMap((rule, index): Sentence[] => {
      const values = { n: index + 1, rule: words(rule) };
      if (!was.has(rule.id)) return [{ sign: '+', text: t('Add rule {n}: {rule}', values) }];
      return same(was.get(rule.id), rule) ? [] : [{ sign: '~', text: t('Rule {n} is now: {rule}', values) }];
    }),
    ...before
      .filter(({ id }) => !is.has(id))
      .map((rule): Sentence => ({ sign: '−', text: t('Remove rule "{rule}"', { rule: words(rule) }) })),
    ...(same(kept(before), kept(after))
      ? []
      : [{ sign: '~' as const, text: t('Try the rules in another order') }]),
  ];
}
