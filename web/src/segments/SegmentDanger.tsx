import { Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import { onSegment } from '~/access/places';
import type { Schemas } from '~/api/client';
import { request } from '~/api/request';
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
  const [asking, setAsking] = useState(false);
  const needs = onSegment('deleteSegment', project, env, segment.key);
  return (
    <Panel>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t('A segment that no flag uses can be deleted. The history stays.')}
        </Text>
        <ActButton color="signal" variant="outline" needs={needs} onClick={() => setAsking(true)}>
          {t('Delete…')}
        </ActButton>
      </Group>
      {asking && (
        <RemoveDialog
          title={t('Delete {segment}?', { segment: segment.name || segment.key })}
          text={t('It goes from this environment only.')}
          itsKey={segment.key}
          needs={needs}
          call={request('delete', '/api/v2/segments/{projectKey}/{environmentKey}/{segmentKey}', {
            path: { projectKey: project, environmentKey: env, segmentKey: segment.key },
          })}
          before={() => navigate({ to: '/projects/$project/$env/segments', params: { project, env } })}
          done={() => queries.removeQueries({ queryKey: ['project', project, 'segment', env, segment.key] })}
          close={() => setAsking(false)}
        />
      )}
    </Panel>
  );
}
