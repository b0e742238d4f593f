import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { onSegment } from '~/access/places';
import type { Schemas } from '~/api/client';
import { request } from '~/api/request';
import { DangerStep } from '~/forms/DangerStep';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { Panel } from '~/ui/Panel';

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
}

export function SegmentDanger({ project, env, segment }: Props) {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const uses = segment._flags?.length ?? 0;
  const needs = onSegment('deleteSegment', project, env, segment.key);
  return (
    <Panel>
      <DangerStep
        final
        text={
          uses === 0
            ? t('No flag uses it: it can be deleted. The history stays.')
            : t('It can be deleted once no flag uses it any more. The history stays.')
        }
        label={t('Delete…')}
        needs={needs}
        dialog={(close) => (
          <RemoveDialog
            title={t('Delete {segment}?', { segment: segment.name || segment.key })}
            text={t('It goes from this environment only.')}
            itsKey={segment.key}
            needs={needs}
            call={request('delete', '/api/v2/segments/{projectKey}/{environmentKey}/{segmentKey}', {
              path: { projectKey: project, environmentKey: env, segmentKey: segment.key },
            })}
            before={() => navigate({ to: '/projects/$project/$env/segments', params: { project, env } })}
            done={() =>
              queries.removeQueries({ queryKey: ['project', project, 'segment', env, segment.key] })
            }
            close={close}
          />
        )}
      />
    </Panel>
  );
}
