import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { patchSegment, segmentNow, segmentQuery } from '~/api/segments';
import { sequenceOf, untilCurrent } from '~/api/sequence';
import { CommentField } from '~/forms/CommentField';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { ChangeTabs } from '~/targeting/ChangeTabs';
import type { Sentence } from '~/targeting/useSentences';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone } from '~/ui/notify';
import { mergeSegment, segmentDraft, segmentInstructions, type SegmentDraft } from './segmentDraft';
import { segmentNeeds } from './needs';
import type { SegmentEdit } from './useSegmentDraft';

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
  edit: SegmentEdit;
  draft: SegmentDraft;
  sentences: Sentence[];
  close: () => void;
}

/** What is about to be saved of a segment, in words and as a patch. */
export function ReviewSegment({ project, env, segment, edit, draft, sentences, close }: Props) {
  const t = useText();
  const queries = useQueryClient();
  const [comment, setComment, forget] = useKept(`review.${project}.${env}.segment.${segment.key}`, '');
  const environment = useEnvironments(project).find((one) => one.key === env);
  const required = environment?.requireComments ?? false;
  const query = segmentQuery(project, env, segment.key);
  const given = comment ? { comment } : {};
  const body = { instructions: segmentInstructions(edit.base, draft), ...given };
  const save = useMutation({
    // Whoever saved in the meantime is not overwritten: what is there is merged, and saved over nothing else.
    mutationFn: () =>
      untilCurrent(async () => {
        const latest = await segmentNow(project, env, segment.key);
        const theirs = segmentDraft(latest);
        const merged = mergeSegment(edit.base, theirs, draft);
        if (merged.conflicts.length > 0) {
          queries.setQueryData(query.queryKey, latest);
          return undefined;
        }
        const instructions = segmentInstructions(theirs, merged.draft);
        if (instructions.length === 0) return latest;
        return patchSegment(project, env, segment.key, { instructions, ...given }, sequenceOf(latest));
      }),
    onSuccess: async (saved) => {
      close();
      if (!saved) return;
      forget();
      const now = segmentDraft(saved);
      edit.rebase(now, saved.version, now);
      await queries.invalidateQueries({ queryKey: query.queryKey });
      notifyDone(t('Saved. SDKs have it by now.'));
    },
  });
  const path = `/api/v2/segments/${enc(project)}/${enc(env)}/${enc(segment.key)}`;
  return (
    <FormDialog
      title={t('Save {segment}?', { segment: segment.name || segment.key })}
      label={t('Save')}
      size="xl"
      needs={segmentNeeds(edit.base, draft, project, env, segment.key)}
      close={close}
      submit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      disabled={required && comment.trim() === ''}
      aside={
        <CopyAs call={{ method: 'PATCH', path, body: { environmentKey: env, ...body }, semantic: true }} />
      }
    >
      <ChangeTabs sentences={sentences} before={edit.base} after={draft} patch={body} />
      <CommentField value={comment} change={setComment} required={required} />
    </FormDialog>
  );
}
