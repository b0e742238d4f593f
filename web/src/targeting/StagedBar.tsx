import type { Schemas } from '~/api/client';
import type { Flag } from '~/api/types';
import { ConflictDialog } from './ConflictDialog';
import { problemsOf } from './problems';
import { ReviewDialog } from './ReviewDialog';
import { Unsaved } from './Unsaved';
import { useSentences } from './useSentences';
import type { DraftState } from './useDraft';

interface Props {
  edit: DraftState;
  environment: Schemas['EnvironmentRep'] | undefined;
  flag: Flag;
  project: string;
  env: string;
}

/** What is staged of a flag in an environment. */
export function StagedBar({ edit, environment, flag, project, env }: Props) {
  const draft = edit.draft ?? edit.base;
  const sentences = useSentences(flag, edit.base, draft);
  return (
    <Unsaved
      staged={edit.staged}
      sentences={sentences}
      problems={problemsOf(draft)}
      discard={edit.reset}
      conflict={edit.conflict && <ConflictDialog flag={flag} edit={edit} conflict={edit.conflict} />}
      review={(close) => (
        <ReviewDialog {...{ flag, project, env, edit, draft, sentences, environment, close }} />
      )}
    />
  );
}
