import { Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEverywhere } from '~/access/places';
import { patchCall } from '~/api/flags';
import { request } from '~/api/request';
import type { Flag } from '~/api/types';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { DangerStep } from '~/forms/DangerStep';
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
  const { archived, deprecated } = flag;
  const values = { flag: flag.name || flag.key };
  const used = <StillUsed project={project} env={env} flag={flag} />;
  const patched = (kind: string) => ({
    call: patchCall(project, flag.key, { instructions: [{ kind }] }),
    done: () => notifyDone(t('Saved')),
  });
  return (
    <Panel title={t('Retire this flag')}>
      <Stack gap="md">
        {used}
        <DangerStep
          text={t('Deprecate: people see that it should not be used in new code. It goes on working.')}
          label={deprecated ? t('Undo deprecation…') : t('Deprecate…')}
          needs={everywhere('updateDeprecated')}
          dialog={(close) => (
            <ConfirmDialog
              {...patched(deprecated ? 'restoreDeprecatedFlag' : 'deprecateFlag')}
              title={
                deprecated ? t('Undo the deprecation of {flag}?', values) : t('Deprecate {flag}?', values)
              }
              label={deprecated ? t('Undo deprecation') : t('Deprecate')}
              text={
                deprecated
                  ? t('It may be used in new code again.')
                  : t('People see that it should not be used in new code. SDKs get what they got.')
              }
              needs={everywhere('updateDeprecated')}
              close={close}
            />
          )}
        />
        <DangerStep
          text={t('Archive: everybody gets the off variation, and it leaves the list. It can be restored.')}
          label={archived ? t('Restore…') : t('Archive…')}
          needs={everywhere('updateGlobalArchived')}
          dialog={(close) => (
            <ConfirmDialog
              {...patched(archived ? 'restoreFlag' : 'archiveFlag')}
              title={archived ? t('Restore {flag}?', values) : t('Archive {flag}?', values)}
              label={archived ? t('Restore') : t('Archive')}
              danger={!archived}
              text={
                archived
                  ? t('It is back in the list, and its targeting decides again in every environment.')
                  : t('Everybody gets its off variation, in every environment, until it is restored.')
              }
              needs={everywhere('updateGlobalArchived')}
              close={close}
            >
              {!archived && used}
            </ConfirmDialog>
          )}
        />
        <DangerStep
          final
          text={t('Delete: code that still asks for it gets its own default. The history stays.')}
          label={t('Delete…')}
          needs={everywhere('deleteFlag')}
          dialog={(close) => <DeleteFlag {...{ project, env, flag, close }} />}
        />
      </Stack>
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
