import { Button, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useBlocker } from '@tanstack/react-router';
import { useState } from 'react';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { incompleteClauses } from '~/targeting/problems';
import { ReviewSegment } from './ReviewSegment';
import { SegmentConflict } from './SegmentConflict';
import type { SegmentEdit } from './useSegmentDraft';
import { useSegmentSentences } from './useSegmentSentences';
import classes from '~/targeting/targeting.module.css';

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
  edit: SegmentEdit;
}

/** What is staged of a segment, until it is saved. */
export function StagedSegment({ project, env, segment, edit }: Props) {
  const t = useText();
  const [reviewing, setReviewing] = useState(false);
  const draft = edit.draft ?? edit.base;
  const sentences = useSegmentSentences(edit.base, draft);
  const problems = draft.rules.flatMap((rule) => incompleteClauses(rule.clauses)).length;
  const ready = sentences.length > 0 && problems === 0;
  useHotkeys([['mod+S', () => ready && setReviewing(true)]], []);
  // A draft outlives leaving the page; closing the window asks.
  useBlocker({ shouldBlockFn: () => false, enableBeforeUnload: sentences.length > 0 });
  if (sentences.length === 0 && !edit.conflict) return null;
  return (
    <div
      className={classes.staged}
      role="region"
      aria-label={t('Staged changes')}
      style={{ marginBottom: 16 }}
    >
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={600}>
          {t('{count, plural, one {# change} other {# changes}} not saved', { count: sentences.length })}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {problems > 0
            ? t('{count, plural, one {One condition is} other {# conditions are}} not complete', {
                count: problems,
              })
            : sentences.map(({ text }) => text).join(' · ')}
        </Text>
      </div>
      <Button variant="subtle" color="gray" onClick={edit.reset}>
        {t('Discard')}
      </Button>
      <Button disabled={!ready} onClick={() => setReviewing(true)}>
        {t('Review and save')}
      </Button>
      {edit.conflict && <SegmentConflict edit={edit} conflict={edit.conflict} />}
      {reviewing && !edit.conflict && (
        <ReviewSegment
          {...{ project, env, segment, edit, draft, sentences }}
          close={() => setReviewing(false)}
        />
      )}
    </div>
  );
}
