import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { Conflicts } from '~/forms/Conflicts';
import type { Conflict } from '~/forms/threeWay';
import type { Draft, DraftRule, Serve } from './draft';
import { decided } from './merge';
import type { DraftState } from './useDraft';
import { useWording } from './useSentences';

interface Props {
  flag: Flag;
  edit: DraftState;
  conflict: NonNullable<DraftState['conflict']>;
}

/** What two people changed of a flag in the same environment. */
export function ConflictDialog({ flag, edit, conflict }: Props) {
  const t = useText();
  const { merged, theirs, version } = conflict;
  const show = useShow(flag);
  return (
    <Conflicts
      title={t('Somebody else saved this flag')}
      conflicts={merged.conflicts}
      show={(one) => show(one, edit.base, theirs)}
      discard={edit.reset}
      proceed={(keep) => edit.rebase(theirs, version, decided(merged, theirs, keep))}
    />
  );
}

/** A part of a draft in words. */
function useShow(flag: Flag) {
  const t = useText();
  const words = useWording(flag);
  return (conflict: Conflict, base: Draft, theirs: Draft) => {
    const { part } = conflict;
    const rule = (value: unknown) => {
      const one = value as DraftRule | undefined;
      if (!one) return t('no such rule');
      return `${one.clauses.map(words.clause).join(` ${t('and')} `)} → ${words.serve(one.serve)}`;
    };
    const forms: Record<string, [string, (value: unknown) => string]> = {
      on: [t('State'), (value) => (value ? t('on') : t('off'))],
      offVariation: [t('While the flag is off'), (value) => words.variation(value as number | undefined)],
      fallthrough: [t('Default rule'), (value) => words.serve(value as Serve)],
      ruleOrder: [t('Order of the rules'), (value) => order(value as string[], base, theirs)],
      prerequisites: [
        t('Prerequisites'),
        (value) => (value as Draft['prerequisites']).map((p) => p.key).join(', ') || t('none'),
      ],
      targets: [
        t('Individual targets'),
        (value) =>
          (value as Draft['targets'])
            .flatMap((p) => p.values.map((v) => `${v} → ${words.variation(p.variation)}`))
            .join(', ') || t('none'),
      ],
    };
    const [title, text] = forms[part] ?? [t('Rule'), rule];
    return { title, was: text(conflict.base), theirs: text(conflict.theirs), mine: text(conflict.mine) };
  };
  function order(ids: string[], base: Draft, theirs: Draft) {
    const all = [...base.rules, ...theirs.rules];
    return ids
      .map((id) =>
        words.rule(
          all.find((one) => one.id === id) ??
            base.rules[0] ?? { id, description: id, clauses: [], serve: {} },
        ),
      )
      .join(' › ');
  }
}
