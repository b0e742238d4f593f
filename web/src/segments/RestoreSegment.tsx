import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { patchSegment, segmentQuery } from '~/api/segments';
import { sequenceOf } from '~/api/sequence';
import type { Instruction } from '~/api/types';
import { useText } from '~/i18n/text';
import { RestoreDialog } from '~/moments/RestoreDialog';
import { useEnvironments } from '~/shell/place';
import { segmentNeeds } from './needs';
import { pastSegmentQuery } from './past';
import { segmentDraft, segmentInstructions } from './segmentDraft';
import { useSegmentSentences } from './useSegmentSentences';

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
  at: number;
  close: () => void;
}

/** Makes a segment what it was. The members of big segments stay. */
export function RestoreSegment(props: Props) {
  const { project, env, segment, at } = props;
  const past = useQuery(pastSegmentQuery(project, env, segment.key, at));
  return past.data ? <Loaded {...props} past={past.data} /> : null;
}

function Loaded({ project, env, segment, at, close, past }: Props & { past: Schemas['UserSegment'] }) {
  const t = useText();
  const queries = useQueryClient();
  const environment = useEnvironments(project).find((one) => one.key === env);
  const [now, then] = [segmentDraft(segment), segmentDraft(past)];
  const sentences = useSegmentSentences(now, then);
  const path = `/api/v2/segments/${enc(project)}/${enc(env)}/${enc(segment.key)}`;
  const body = { environmentKey: env, instructions: segmentInstructions(now, then) };
  return (
    <RestoreDialog
      title={t('Restore {name} in {environment}?', {
        name: segment.name || segment.key,
        environment: environment?.name ?? env,
      })}
      at={at}
      draft={`${project}.${env}.segment.${segment.key}`}
      needs={segmentNeeds(now, then, project, env, segment.key)}
      sentences={sentences}
      now={now}
      then={then}
      call={{ method: 'PATCH', path, body, semantic: true }}
      requireComment={environment?.requireComments ?? false}
      save={async (sent) => {
        const change = sent as { instructions: Instruction[] };
        await patchSegment(project, env, segment.key, change, sequenceOf(segment));
        await queries.invalidateQueries({ queryKey: segmentQuery(project, env, segment.key).queryKey });
      }}
      close={close}
    />
  );
}
