import { Button, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { patchSegment, segmentQuery } from '~/api/segments';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { JsonEditor } from '~/ui/JsonEditor';
import { notifyDone } from '~/ui/notify';
import { segmentInstructions, type SegmentDraft } from './segmentDraft';
import classes from '~/targeting/targeting.module.css';

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
  base: SegmentDraft;
  draft: SegmentDraft;
  discard: () => void;
}

/** What is staged of a segment, until it is saved. */
export function StagedSegment({ project, env, segment, base, draft, discard }: Props) {
  const t = useText();
  const queries = useQueryClient();
  const [reviewing, setReviewing] = useState(false);
  const [comment, setComment] = useState('');
  const environment = useEnvironments(project).find((one) => one.key === env);
  const required = environment?.requireComments ?? false;
  const instructions = segmentInstructions(base, draft);
  const incomplete = draft.rules.some((rule) =>
    rule.clauses.some((c) => c.attribute === '' || c.values.length === 0),
  );
  const body = { instructions, ...(comment ? { comment } : {}) };
  const save = useMutation({
    mutationFn: () => patchSegment(project, env, segment.key, body),
    onSuccess: async () => {
      setReviewing(false);
      await queries.invalidateQueries({ queryKey: segmentQuery(project, env, segment.key).queryKey });
      notifyDone(t('Saved. SDKs have it by now.'));
    },
  });
  if (instructions.length === 0) return null;
  const path = `/api/v2/segments/${enc(project)}/${enc(env)}/${enc(segment.key)}`;
  return (
    <div
      className={classes.staged}
      role="region"
      aria-label={t('Staged changes')}
      style={{ marginBottom: 16 }}
    >
      <Text size="sm" fw={600} flex={1}>
        {t('{count, plural, one {# change} other {# changes}} not saved', { count: instructions.length })}
      </Text>
      <Button variant="subtle" color="gray" onClick={discard}>
        {t('Discard')}
      </Button>
      <Button disabled={incomplete} onClick={() => setReviewing(true)}>
        {t('Review and save')}
      </Button>
      {reviewing && (
        <FormDialog
          title={t('Save {segment}?', { segment: segment.name || segment.key })}
          label={t('Save')}
          close={() => setReviewing(false)}
          submit={() => save.mutate()}
          pending={save.isPending}
          error={save.error}
          disabled={required && comment.trim() === ''}
          aside={
            <CopyAs
              call={{ method: 'PATCH', path, body: { environmentKey: env, ...body }, semantic: true }}
            />
          }
        >
          <JsonEditor label={t('Patch')} value={JSON.stringify(instructions, null, 2)} maxHeight="260px" />
          <Textarea
            label={t('Comment')}
            required={required}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
        </FormDialog>
      )}
    </div>
  );
}
