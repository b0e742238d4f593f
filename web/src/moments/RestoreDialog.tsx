import { Checkbox, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useIntl } from 'react-intl';
import type { Needs } from '~/access/questions';
import { outdated } from '~/api/sequence';
import { CommentField } from '~/forms/CommentField';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { ChangeTabs } from '~/targeting/ChangeTabs';
import type { Sentence } from '~/targeting/useSentences';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone } from '~/ui/notify';
import type { Call } from '~/ui/calls';

interface Props {
  title: string;
  /** The moment whose state is restored. */
  at: number;
  sentences: Sentence[];
  /** What it is now, and what it would be. */
  now: unknown;
  then: unknown;
  /** The patch without its comment; missing while it is made. */
  call: Call | undefined;
  requireComment: boolean;
  /** What must be allowed. */
  needs?: Needs[];
  /** Names the comment, which is kept until it is saved. */
  draft: string;
  /** What is to be told besides, above. */
  note?: ReactNode;
  /** Something that may be restored too. */
  also?: { label: string; on: boolean; change: (on: boolean) => void };
  save: (body: Record<string, unknown>) => Promise<unknown>;
  close: () => void;
}

/** Makes something what it was at a moment, by a patch that is shown before. Nothing of the history is lost. */
export function RestoreDialog(props: Props) {
  const { title, at, sentences, now, then, call, requireComment, needs, draft, note, also, save, close } =
    props;
  const t = useText();
  const intl = useIntl();
  const queries = useQueryClient();
  const when = intl.formatDate(at, { dateStyle: 'medium', timeStyle: 'medium' });
  const [comment, setComment, forget] = useKept(
    `restore.${draft}.${at}`,
    t('As it was on {time}', { time: when }),
  );
  const body = { ...(call?.body as Record<string, unknown>), ...(comment.trim() ? { comment } : {}) };
  const restore = useMutation({
    mutationFn: () => save(body),
    onSuccess: () => {
      forget();
      notifyDone(t('Restored. SDKs have it by now.'));
      close();
    },
    // The difference that was shown is not so any more: it is made anew of what is there by now.
    onError: (problem) =>
      outdated(problem) ? queries.invalidateQueries({ queryKey: ['project'] }) : undefined,
  });
  return (
    <FormDialog
      title={title}
      label={t('Restore')}
      size="xl"
      needs={needs}
      close={close}
      submit={() => restore.mutate()}
      pending={restore.isPending}
      error={restore.error}
      disabled={!call || sentences.length === 0 || (requireComment && comment.trim() === '')}
      aside={call && <CopyAs call={{ ...call, body }} />}
    >
      {note}
      {sentences.length === 0 ? (
        <Text size="sm">{t('Nothing is different from how it is now.')}</Text>
      ) : (
        <ChangeTabs sentences={sentences} before={now} after={then} patch={body} />
      )}
      {also && (
        <Checkbox
          label={also.label}
          checked={also.on}
          onChange={(event) => also.change(event.currentTarget.checked)}
        />
      )}
      <CommentField value={comment} change={setComment} required={requireComment} />
    </FormDialog>
  );
}
