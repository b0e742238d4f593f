import { Group, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ActButton } from '~/access/ActButton';
import { useEverywhere } from '~/access/places';
import { patchCall } from '~/api/flags';
import { request } from '~/api/request';
import type { Flag } from '~/api/types';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { notifyDone } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { StillUsed } from './StillUsed';

interface Props {
  project: string;
  env: string;
  flag: Flag;
}

/** The end of a flag: deprecated, archived, deleted. Who would miss it is shown before. */
export function FlagDanger({ project, env, flag }: Props) {
  const t = useText();
  const everywhere = useEverywhere(project, flag.key);
  const [asking, setAsking] = useState<'deprecate' | 'archive' | 'delete'>();
  const close = () => setAsking(undefined);
  const values = { flag: flag.name || flag.key };
  const call = (kind: string) => patchCall(project, flag.key, { instructions: [{ kind }] });
  const done = () => notifyDone(t('Saved'));
  const used = <StillUsed project={project} env={env} flag={flag} />;
  return (
    <Panel title={t('Retire this flag')}>
      <Stack gap="md">
        {used}
        <Step text={t('Deprecate: people see that it should not be used in new code. It goes on working.')}>
          <ActButton
            variant="default"
            needs={everywhere('updateDeprecated')}
            onClick={() => setAsking('deprecate')}
          >
            {flag.deprecated ? t('Undo deprecation…') : t('Deprecate…')}
          </ActButton>
        </Step>
        <Step
          text={t('Archive: everybody gets the off variation, and it leaves the list. It can be restored.')}
        >
          <ActButton
            variant="default"
            needs={everywhere('updateGlobalArchived')}
            onClick={() => setAsking('archive')}
          >
            {flag.archived ? t('Restore…') : t('Archive…')}
          </ActButton>
        </Step>
        <Step text={t('Delete: code that still asks for it gets its own default. The history stays.')}>
          <ActButton
            color="signal"
            variant="outline"
            needs={everywhere('deleteFlag')}
            onClick={() => setAsking('delete')}
          >
            {t('Delete…')}
          </ActButton>
        </Step>
      </Stack>
      {asking === 'deprecate' && (
        <ConfirmDialog
          title={
            flag.deprecated ? t('Undo the deprecation of {flag}?', values) : t('Deprecate {flag}?', values)
          }
          label={flag.deprecated ? t('Undo deprecation') : t('Deprecate')}
          text={
            flag.deprecated
              ? t('It may be used in new code again.')
              : t('People see that it should not be used in new code. SDKs get what they got.')
          }
          needs={everywhere('updateDeprecated')}
          call={call(flag.deprecated ? 'restoreDeprecatedFlag' : 'deprecateFlag')}
          done={done}
          close={close}
        />
      )}
      {asking === 'archive' && (
        <ConfirmDialog
          title={flag.archived ? t('Restore {flag}?', values) : t('Archive {flag}?', values)}
          label={flag.archived ? t('Restore') : t('Archive')}
          danger={!flag.archived}
          text={
            flag.archived
              ? t('It is back in the list, and its targeting decides again in every environment.')
              : t('Everybody gets its off variation, in every environment, until it is restored.')
          }
          needs={everywhere('updateGlobalArchived')}
          call={call(flag.archived ? 'restoreFlag' : 'archiveFlag')}
          done={done}
          close={close}
        >
          {!flag.archived && used}
        </ConfirmDialog>
      )}
      {asking === 'delete' && <DeleteFlag {...{ project, env, flag, close }} />}
    </Panel>
  );
}

function DeleteFlag({ project, env, flag, close }: Props & { close: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const everywhere = useEverywhere(project, flag.key);
  return (
    <RemoveDialog
      title={t('Delete {flag}?', { flag: flag.name || flag.key })}
      text={
        <Stack gap="sm">
          <StillUsed project={project} env={env} flag={flag} />
          {t('Code that still asks for it gets the default that stands in the code, in every environment.')}
        </Stack>
      }
      itsKey={flag.key}
      needs={everywhere('deleteFlag')}
      call={request('delete', '/api/v2/flags/{projectKey}/{featureFlagKey}', {
        path: { projectKey: project, featureFlagKey: flag.key },
      })}
      before={() => navigate({ to: '/projects/$project/$env/flags', params: { project, env } })}
      done={() => {
        queries.removeQueries({ queryKey: ['project', project, 'flag', flag.key] });
        notifyDone(t('{flag} was deleted', { flag: flag.key }));
      }}
      close={close}
    />
  );
}

function Step({ text, children }: { text: string; children: ReactNode }) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="lg">
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      <div style={{ flex: 'none' }}>{children}</div>
    </Group>
  );
}
