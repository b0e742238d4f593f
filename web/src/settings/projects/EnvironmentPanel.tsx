import { Badge, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import { RowButton } from '~/access/RowButton';
import type { Schemas } from '~/api/client';
import { request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { EnvDot } from '~/shell/EnvDot';
import { Panel } from '~/ui/Panel';
import { TagList } from '~/ui/TagList';
import { KeyRow } from './KeyRow';
import { NamedKeys } from './NamedKeys';

interface Props {
  project: string;
  env: Schemas['EnvironmentRep'];
  edit: () => void;
  /** The last one of a project stays. */
  only: boolean;
}

/** One environment: what it asks for, and its keys. */
export function EnvironmentPanel({ project, env, edit, only }: Props) {
  const t = useText();
  const [removing, setRemoving] = useState(false);
  const at = `proj/${project}:env/${env.key}`;
  const marks = [
    env.critical && t('critical'),
    env.requireComments && t('comments required'),
    env.confirmChanges && t('changes are confirmed'),
    env.secureMode && t('secure mode'),
  ].filter((mark) => mark !== false);
  return (
    <Panel
      title={
        <Group gap="xs">
          <EnvDot color={env.color} />
          {env.name}
          {marks.map((mark) => (
            <Badge key={mark} color="gray">
              {mark}
            </Badge>
          ))}
          <TagList tags={env.tags} />
        </Group>
      }
      text={<code>{env.key}</code>}
      actions={
        <>
          {!only && (
            <RowButton
              quiet
              needs={['deleteEnvironment', at]}
              onClick={() => setRemoving(true)}
              label={t('Delete {what}', { what: env.name })}
            >
              {t('Delete…')}
            </RowButton>
          )}
          <ActButton
            needs={['updateName', at]}
            variant="default"
            size="compact-sm"
            onClick={edit}
            aria-label={t('Edit {what}', { what: env.name })}
          >
            {t('Edit')}
          </ActButton>
        </>
      }
    >
      <Stack gap={6}>
        <KeyRow project={project} env={env} kind="sdk" label={t('SDK key')} value={env.apiKey} />
        <KeyRow project={project} env={env} kind="mobile" label={t('Mobile key')} value={env.mobileKey} />
        <KeyRow project={project} env={env} kind="client" label={t('Client-side ID')} value={env._id} />
      </Stack>
      <NamedKeys project={project} env={env} />
      {removing && (
        <RemoveDialog
          title={t('Delete the environment {env}?', { env: env.name })}
          text={t('The state of every flag in it is lost, and SDKs that use its keys are refused at once.')}
          itsKey={env.key}
          needs={['deleteEnvironment', at]}
          call={request('delete', '/api/v2/projects/{projectKey}/environments/{environmentKey}', {
            path: { projectKey: project, environmentKey: env.key },
          })}
          close={() => setRemoving(false)}
        />
      )}
    </Panel>
  );
}
