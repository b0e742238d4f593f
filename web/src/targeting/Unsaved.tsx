import { Button, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useBlocker } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useText } from '~/i18n/text';
import type { Sentence } from './useSentences';
import classes from './targeting.module.css';

interface Props {
  staged: boolean;
  /** The same in words. */
  sentences: Sentence[];
  /** Conditions that say nothing yet. */
  problems: number;
  discard: () => void;
  /** What asks which of two saves to keep, where both changed the same. */
  conflict: ReactNode;
  /** What shows everything once more before it is saved. */
  review: (close: () => void) => ReactNode;
}

/** What is staged, until it is saved or thrown away. */
export function Unsaved({ staged, sentences, problems, discard, conflict, review }: Props) {
  const t = useText();
  const [reviewing, setReviewing] = useState(false);
  const ready = staged && problems === 0;
  useHotkeys([['mod+S', () => ready && setReviewing(true)]], []);
  // A draft outlives leaving the page; closing the window asks.
  useBlocker({ shouldBlockFn: () => false, enableBeforeUnload: staged });
  if (!staged && !conflict) return null;
  return (
    <div className={classes.staged} role="region" aria-label={t('Staged changes')}>
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
      <Button variant="subtle" color="gray" onClick={discard}>
        {t('Discard')}
      </Button>
      <Button disabled={!ready} onClick={() => setReviewing(true)}>
        {t('Review and save')}
      </Button>
      {conflict}
      {reviewing && !conflict && review(() => setReviewing(false))}
    </div>
  );
}
