import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { useText } from '~/i18n/text';
import { ConfirmByKey } from '~/ui/ConfirmByKey';
import { CopyAs } from '~/ui/CopyAs';
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
  const path = `/api/v2/segments/${enc(project)}/${enc(env)}/${enc(segment.key)}`;
  const remove = useMutation({
    mutationFn: () => send('DELETE', path),
    onSuccess: async () => {
      await navigate({ to: '/projects/$project/$env/segments', params: { project, env } });
      void queries.invalidateQueries({ queryKey: ['project', project, 'segments'] });
    },
  });
  return (
    <Panel>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t('A segment that no flag uses can be deleted. The history stays.')}
        </Text>
        <Button color="signal" variant="outline" onClick={() => setAsking(true)}>
          {t('Delete…')}
        </Button>
      </Group>
      {asking && (
        <ConfirmByKey
          title={t('Delete {segment}?', { segment: segment.name || segment.key })}
          text={t('It goes from this environment only.')}
          itsKey={segment.key}
          label={t('Delete')}
          pending={remove.isPending}
          error={remove.error}
          close={() => setAsking(false)}
          submit={() => remove.mutate()}
          aside={<CopyAs call={{ method: 'DELETE', path }} />}
        />
      )}
    </Panel>
  );
}
