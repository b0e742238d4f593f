import { Button, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useBlocker } from '@tanstack/react-router';
import { useState } from 'react';
import type { Schemas } from '~/api/client';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { ConflictDialog } from './ConflictDialog';
import { problemsOf } from './problems';
import { ReviewDialog } from './ReviewDialog';
import { useSentences } from './useSentences';
import type { DraftState } from './useDraft';
import classes from './targeting.module.css';

interface Props {
  edit: DraftState;
  environment: Schemas['EnvironmentRep'] | undefined;
  flag: Flag;
  project: string;
  env: string;
}

/** What is staged, until it is saved or thrown away. */
export function StagedBar({ edit, environment, flag, project, env }: Props) {
  const t = useText();
  const [reviewing, setReviewing] = useState(false);
  const sentences = useSentences(flag, edit.base, edit.draft ?? edit.base);
  const problems = edit.draft ? problemsOf(edit.draft) : 0;
  const ready = edit.staged && problems === 0;
  useHotkeys([['mod+S', () => ready && setReviewing(true)]], []);
  // A draft outlives leaving the page; closing the window asks.
  useBlocker({ shouldBlockFn: () => false, enableBeforeUnload: edit.staged });
  if (!edit.draft || (!edit.staged && !edit.conflict)) return null;
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
            : sentences.map((sentence) => sentence.text).join(' · ')}
        </Text>
      </div>
      <Button variant="subtle" color="gray" onClick={edit.reset}>
        {t('Discard')}
      </Button>
      <Button disabled={!ready} onClick={() => setReviewing(true)}>
        {t('Review and save')}
      </Button>
      {edit.conflict && <ConflictDialog flag={flag} edit={edit} conflict={edit.conflict} />}
      {reviewing && !edit.conflict && (
        <ReviewDialog
          {...{ flag, project, env, edit, sentences }}
          draft={edit.draft}
          environment={environment}
          close={() => setReviewing(false)}
        />
      )}
    </div>
  );
}
