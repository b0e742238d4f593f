import type { Schemas } from '~/api/client';
import { incompleteClauses } from '~/targeting/problems';
import { Unsaved } from '~/targeting/Unsaved';
import { ReviewSegment } from './ReviewSegment';
import { SegmentConflict } from './SegmentConflict';
import type { SegmentEdit } from './useSegmentDraft';
import { useSegmentSentences } from './useSegmentSentences';

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
  edit: SegmentEdit;
}

/** What is staged of a segment. */
export function StagedSegment({ project, env, segment, edit }: Props) {
  const draft = edit.draft ?? edit.base;
  const sentences = useSegmentSentences(edit.base, draft);
  return (
    <Unsaved
      // A list that was opened and is empty is no change.
      staged={sentences.length > 0}
      sentences={sentences}
      problems={draft.rules.flatMap((rule) => incompleteClauses(rule.clauses)).length}
      discard={edit.reset}
      conflict={edit.conflict && <SegmentConflict edit={edit} conflict={edit.conflict} />}
      review={(close) => <ReviewSegment {...{ project, env, segment, edit, draft, sentences, close }} />}
    />
  );
}
