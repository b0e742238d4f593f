import { useText } from '~/i18n/text';
import { Conflicts } from '~/forms/Conflicts';
import { decidedSegment, type SegmentDraft, type SegmentRule } from './segmentDraft';
import type { SegmentEdit } from './useSegmentDraft';
import { useSegmentWords } from './useSegmentSentences';

interface Props {
  edit: SegmentEdit;
  conflict: NonNullable<SegmentEdit['conflict']>;
}

/** What two people changed of a segment in different ways: only rules and their order can be. */
export function SegmentConflict({ edit, conflict }: Props) {
  const t = useText();
  const words = useSegmentWords();
  const { merged, theirs, version } = conflict;
  const rule = (value: unknown) => (value ? words(value as SegmentRule) : t('no such rule'));
  const order = (value: unknown) =>
    (value as string[]).map((id) => rule(find(id, edit.base, theirs))).join(' › ');
  return (
    <Conflicts
      title={t('Somebody else saved this segment')}
      conflicts={merged.conflicts}
      show={({ part, base, theirs: their, mine }) => {
        const say = part === 'ruleOrder' ? order : rule;
        const title = part === 'ruleOrder' ? t('Order of the rules') : t('Rule');
        return { title, was: say(base), theirs: say(their), mine: say(mine) };
      }}
      discard={edit.reset}
      proceed={(keep) => edit.rebase(theirs, version, decidedSegment(merged, theirs, keep))}
    />
  );
}

function find(id: string, ...drafts: SegmentDraft[]): SegmentRule | undefined {
  return drafts.flatMap(({ rules }) => rules).find((rule) => rule.id === id);
}
