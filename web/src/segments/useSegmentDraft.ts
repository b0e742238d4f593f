import { useMemo } from 'react';
import type { Schemas } from '~/api/client';
import { useStaged, type Staged } from '~/targeting/useStaged';
import { mergeSegment, segmentDraft, type SegmentDraft } from './segmentDraft';

export type SegmentEdit = Staged<SegmentDraft>;

const EMPTY: SegmentDraft = { included: {}, excluded: {}, rules: [] };

/** The draft of a segment. */
export function useSegmentDraft(project: string, env: string, segment: Schemas['UserSegment']): SegmentEdit {
  const saved = useMemo(() => ({ version: segment.version, draft: segmentDraft(segment) }), [segment]);
  return useStaged(`wigwag.segment/${project}/${env}/${segment.key}`, saved, mergeSegment, EMPTY);
}
