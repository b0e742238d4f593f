import { Alert } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from '~/api/client';
import { flagNow, flagQuery, patchCall, patchFlag } from '~/api/flags';
import { sequenceOf, untilCurrent } from '~/api/sequence';
import type { Flag } from '~/api/types';
import { CommentField } from '~/forms/CommentField';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone } from '~/ui/notify';
import { ChangeTabs } from './ChangeTabs';
import { draftOf, type Draft } from './draft';
import { merge } from './merge';
import { draftNeeds } from './needs';
import { patchOf } from './resolve';
import type { DraftState } from './useDraft';
import type { Sentence } from './useSentences';
import { WhatIf } from './WhatIf';

interface Props {
  flag: Flag;
  project: string;
  env: string;
  edit: DraftState;
  draft: Draft;
  sentences: Sentence[];
  environment: Schemas['EnvironmentRep'] | undefined;
  close: () => void;
}

/** What is about to be saved, in words and as a patch, and whom it concerns. */
export function ReviewDialog({ flag, project, env, edit, draft, sentences, environment, close }: Props) {
  const t = useText();
  const queries = useQueryClient();
  const [comment, setComment, forget] = useKept(`review.${project}.${env}.${flag.key}`, '');
  const patch = useQuery({
    queryKey: ['draft', project, env, flag.key, edit.base, draft],
    queryFn: () => patchOf(queries, project, flag, edit.base, draft),
    staleTime: Infinity,
  });
  const body = { environmentKey: env, instructions: patch.data ?? [], ...(comment ? { comment } : {}) };
  const save = useMutation({
    // Whoever saved in the meantime is not overwritten: what is there is merged, and saved over nothing else.
    mutationFn: () =>
      untilCurrent(async () => {
        const latest = await flagNow(project, flag.key);
        const config = latest.environments?.[env];
        const theirs = config ? draftOf(config) : edit.base;
        const merged = merge(edit.base, theirs, draft);
        if (merged.conflicts.length > 0) {
          queries.setQueryData(flagQuery(project, flag.key).queryKey, latest);
          return undefined;
        }
        const instructions = await patchOf(queries, project, latest, theirs, merged.draft);
        return patchFlag(project, flag.key, { ...body, instructions }, sequenceOf(latest));
      }),
    onSuccess: (saved) => {
      close();
      const config = saved?.environments?.[env];
      if (!saved || !config) return;
      forget();
      queries.setQueryData(flagQuery(project, flag.key).queryKey, saved);
      edit.rebase(draftOf(config), config.version, draftOf(config));
      void queries.invalidateQueries({ queryKey: ['project', project] });
      notifyDone(t('Saved. SDKs have it by now.'));
    },
  });
  const required = environment?.requireComments ?? false;
  return (
    <FormDialog
      title={t('Save to {environment}?', { environment: environment?.name ?? env })}
      label={t('Save')}
      size="xl"
      needs={draftNeeds(edit.base, draft, project, env, flag.key)}
      close={close}
      pending={save.isPending}
      error={save.error ?? patch.error}
      disabled={!patch.data || (required && comment.trim() === '')}
      submit={() => save.mutate()}
      aside={<CopyAs call={patchCall(project, flag.key, body)} />}
    >
      {environment?.critical && (
        <Alert color="yellow" variant="light">
          {t('{environment} is marked critical. SDKs get the change at once.', {
            environment: environment.name,
          })}
        </Alert>
      )}
      <ChangeTabs
        sentences={sentences}
        before={edit.base}
        after={draft}
        patch={patch.data && body}
        effect={patch.data && <WhatIf {...{ project, env, flag }} instructions={patch.data} />}
      />
      <CommentField value={comment} change={setComment} required={required} />
    </FormDialog>
  );
}
