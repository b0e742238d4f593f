import { Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEverywhere } from '~/access/places';
import { patchCall } from '~/api/flags';
import { request } from '~/api/request';
import type { Flag } from '~/api/types';
import { ConfirmStep } from '~/forms/ConfirmStep';
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
        <ConfirmStep
          text={t('Deprecate: people see that it should not be used in new code. It goes on working.')}
          label={deprecated ? t('Undo deprecation…') : t('Deprecate…')}
          needs={everywhere('updateDeprecated')}
          asked={
            deprecated
              ? {
                  title: t('Undo the deprecation of {flag}?', values),
                  label: t('Undo deprecation'),
                  text: t('It may be used in new code again.'),
                }
              : {
                  title: t('Deprecate {flag}?', values),
                  label: t('Deprecate'),
                  text: t('People see that it should not be used in new code. SDKs get what they got.'),
                }
          }
          {...patched(deprecated ? 'restoreDeprecatedFlag' : 'deprecateFlag')}
        />
        <ConfirmStep
          text={t('Archive: everybody gets the off variation, and it leaves the list. It can be restored.')}
          label={archived ? t('Restore…') : t('Archive…')}
          needs={everywhere('updateGlobalArchived')}
          asked={
            archived
              ? {
                  title: t('Restore {flag}?', values),
                  label: t('Restore'),
                  text: t('It is back in the list, and its targeting decides again in every environment.'),
                }
              : {
                  title: t('Archive {flag}?', values),
                  label: t('Archive'),
                  text: t('Everybody gets its off variation, in every environment, until it is restored.'),
                  danger: true,
                  children: used,
                }
          }
          {...patched(archived ? 'restoreFlag' : 'archiveFlag')}
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
