import { picker, same, type Conflict, type Kept, type Merged, type Pick } from '~/forms/threeWay';
import type { Draft } from './draft';

/** Three-way, of what a flag does in an environment. */
export function merge(base: Draft, theirs: Draft, mine: Draft): Merged<Draft> {
  const conflicts: Conflict[] = [];
  const pick = picker(conflicts);
  const draft: Draft = {
    on: pick('on', base.on, theirs.on, mine.on),
    prerequisites: pick('prerequisites', base.prerequisites, theirs.prerequisites, mine.prerequisites),
    targets: pick('targets', base.targets, theirs.targets, mine.targets),
    rules: mergeRules(base.rules, theirs.rules, mine.rules, pick),
    fallthrough: pick('fallthrough', base.fallthrough, theirs.fallthrough, mine.fallthrough),
    offVariation: pick('offVariation', base.offVariation, theirs.offVariation, mine.offVariation),
  };
  return { draft, conflicts };
}

interface Identified {
  id: string;
}

/** Rules are merged one by one, and their order for itself. */
export function mergeRules<R extends Identified>(base: R[], theirs: R[], mine: R[], pick: Pick): R[] {
  const by = (rules: R[]) => new Map(rules.map((rule) => [rule.id, rule]));
  const [b, t, m] = [by(base), by(theirs), by(mine)];
  const ids = (rules: R[]) => rules.map((rule) => rule.id);
  const known = ids(base).filter((id) => t.has(id) && m.has(id));
  const inOrder = (rules: R[]) => ids(rules).filter((id) => known.includes(id));
  const order = pick('ruleOrder', known, inOrder(theirs), inOrder(mine));
  const all = [...new Set([...ids(base), ...ids(theirs), ...ids(mine)])];
  const chosen = new Map(all.map((id) => [id, pick(`rules/${id}`, b.get(id), t.get(id), m.get(id))]));
  // Mine leads where I moved rules or added some; otherwise theirs, with what I added where it stood.
  const [lead, other] = same(order, inOrder(theirs)) ? [ids(theirs), ids(mine)] : [ids(mine), ids(theirs)];
  return weave(lead, other).flatMap((id) => chosen.get(id) ?? []);
}

/** Adds what only `other` has, after the one it follows there. */
function weave(lead: string[], other: string[]): string[] {
  const woven = [...lead];
  other.forEach((id, at) => {
    if (woven.includes(id)) return;
    const before = other
      .slice(0, at)
      .reverse()
      .find((earlier) => woven.includes(earlier));
    woven.splice(before === undefined ? 0 : woven.indexOf(before) + 1, 0, id);
  });
  return woven;
}

/** The draft after each conflict was decided. */
export function decided(merged: Merged<Draft>, theirs: Draft, keep: Kept): Draft {
  const draft = {
    ...merged.draft,
    rules: decidedRules(merged.draft.rules, theirs.rules, merged.conflicts, keep),
  };
  for (const { part } of merged.conflicts) {
    if (keep[part] !== 'theirs') continue;
    if (part === 'on') draft.on = theirs.on;
    else if (part === 'prerequisites') draft.prerequisites = theirs.prerequisites;
    else if (part === 'targets') draft.targets = theirs.targets;
    else if (part === 'fallthrough') draft.fallthrough = theirs.fallthrough;
    else if (part === 'offVariation') draft.offVariation = theirs.offVariation;
  }
  return draft;
}

/** The rules after each conflict about them was decided. */
export function decidedRules<R extends Identified>(
  rules: R[],
  theirs: R[],
  conflicts: Conflict[],
  keep: Kept,
): R[] {
  return conflicts
    .filter(({ part }) => keep[part] === 'theirs')
    .reduce((now, { part }) => {
      if (part === 'ruleOrder') return reorder(now, theirs);
      return part.startsWith('rules/') ? replaceRule(now, theirs, part.slice('rules/'.length)) : now;
    }, rules);
}

function reorder<R extends Identified>(rules: R[], as: R[]): R[] {
  const place = (rule: R) => as.findIndex((other) => other.id === rule.id);
  return [...rules].sort((x, y) => place(x) - place(y));
}

function replaceRule<R extends Identified>(rules: R[], theirs: R[], id: string): R[] {
  const rule = theirs.find((other) => other.id === id);
  if (!rule) return rules.filter((other) => other.id !== id);
  if (rules.some((other) => other.id === id)) return rules.map((other) => (other.id === id ? rule : other));
  const restored = weave(
    rules.map((r) => r.id),
    theirs.map((r) => r.id).filter((other) => other === id || rules.some((r) => r.id === other)),
  );
  return restored.flatMap((one) => (one === id ? rule : (rules.find((r) => r.id === one) ?? [])));
}
