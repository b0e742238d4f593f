import type { Flag } from '~/api/types';
import { variationName } from '~/flags/variation';
import { useText, type Text } from '~/i18n/text';
import { same } from '~/forms/threeWay';
import type { Draft, DraftClause, DraftRule, Serve } from './draft';
import { useOperatorWords } from './useOperatorWords';

export interface Sentence {
  sign: '+' | '−' | '~';
  text: string;
}

/** What a change does, in words. */
export function useSentences(flag: Flag, before: Draft, after: Draft): Sentence[] {
  const t = useText();
  const words = useWording(flag);
  const list: Sentence[] = [];
  const say = (sign: Sentence['sign'], text: string) => list.push({ sign, text });
  if (before.on !== after.on) say('~', after.on ? t('Turn the flag on') : t('Turn the flag off'));
  prerequisites(t, before, after, say);
  targets(t, words.variation, before, after, say);
  rules(t, words, before.rules, after.rules, say);
  if (!same(before.fallthrough, after.fallthrough)) {
    say('~', t('The default rule serves {what}', { what: words.serve(after.fallthrough) }));
  }
  if (before.offVariation !== after.offVariation) {
    say('~', t('While off, serve {what}', { what: words.variation(after.offVariation) }));
  }
  return list;
}

type Say = (sign: Sentence['sign'], text: string) => void;
type Words = ReturnType<typeof useWording>;

/** A condition in words. */
export function useClauseWords() {
  const operator = useOperatorWords();
  return (c: DraftClause) => {
    const values = c.values.map(String).join(', ');
    if (c.op === 'segmentMatch') return `${operator(c.op, c.negate)} ${values}`;
    return `${c.contextKind} ${c.attribute} ${operator(c.op, c.negate)} ${values}`;
  };
}

export function useWording(flag: Flag) {
  const t = useText();
  const variation = (index: number | undefined) => variationName(flag.variations[index ?? -1]);
  const clause = useClauseWords();
  return {
    variation,
    clause,
    rule: (rule: DraftRule) => rule.description || rule.clauses.map(clause).join(` ${t('and')} `),
    serve: ({ variation: one, rollout }: Serve) =>
      rollout
        ? rollout.weights
            .filter(({ weight }) => weight > 0)
            .map(({ variation: index, weight }) => `${weight / 1000} % ${variation(index)}`)
            .join(', ')
        : variation(one),
  };
}

function prerequisites(t: Text, before: Draft, after: Draft, say: Say) {
  const was = new Map(before.prerequisites.map((one) => [one.key, one.variation]));
  const is = new Map(after.prerequisites.map((one) => [one.key, one.variation]));
  for (const [flag, variation] of is) {
    if (!was.has(flag)) say('+', t('Ask for {flag} as a prerequisite', { flag }));
    else if (was.get(flag) !== variation) say('~', t('Ask for another variation of {flag}', { flag }));
  }
  for (const flag of was.keys()) if (!is.has(flag)) say('−', t('No longer ask for {flag}', { flag }));
}

function targets(t: Text, name: (index: number) => string, before: Draft, after: Draft, say: Say) {
  const flat = (draft: Draft) =>
    new Map(
      draft.targets.flatMap((one) =>
        one.values.map((value) => [`${one.contextKind} ${value}`, one.variation]),
      ),
    );
  const [was, is] = [flat(before), flat(after)];
  for (const [who, variation] of is) {
    if (was.get(who) === variation) continue;
    say(was.has(who) ? '~' : '+', t('Serve {what} to {who}', { what: name(variation), who }));
  }
  for (const who of was.keys()) if (!is.has(who)) say('−', t('No longer target {who}', { who }));
}

function rules(t: Text, words: Words, before: DraftRule[], after: DraftRule[], say: Say) {
  const was = new Map(before.map((rule) => [rule.id, rule]));
  const is = new Set(after.map((rule) => rule.id));
  after.forEach((rule, index) => {
    const old = was.get(rule.id);
    const n = index + 1;
    if (!old) {
      say(
        '+',
        t('Add rule {n}: if {rule}, serve {what}', {
          n,
          rule: words.rule(rule),
          what: words.serve(rule.serve),
        }),
      );
      return;
    }
    if (old.description !== rule.description)
      say('~', t('Call rule {n} "{name}"', { n, name: rule.description }));
    if (!same(old.clauses, rule.clauses)) {
      const rest = rule.clauses.map(words.clause).join(` ${t('and')} `);
      say('~', t('Rule {n} now applies if {rule}', { n, rule: rest }));
    }
    if (!same(old.serve, rule.serve))
      say('~', t('Rule {n} serves {what}', { n, what: words.serve(rule.serve) }));
  });
  for (const rule of before)
    if (!is.has(rule.id)) say('−', t('Remove rule "{rule}"', { rule: words.rule(rule) }));
  const kept = (list: DraftRule[]) =>
    list.filter((rule) => was.has(rule.id) && is.has(rule.id)).map((rule) => rule.id);
  if (!same(kept(before), kept(after))) say('~', t('Try the rules in another order'));
}
