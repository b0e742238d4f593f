import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { api, ask } from '~/api/client';
import { enc, patchFlag } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { ConfirmByKey } from '~/ui/ConfirmByKey';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone, notifyFailed } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { useWords } from '~/ui/useWords';
import { StillUsed } from './StillUsed';

interface Props {
  project: string;
  env: string;
  flag: Flag;
}

/** The end of a flag: deprecated, archived, deleted. Who would miss it is shown before. */
export function FlagDanger({ project, env, flag }: Props) {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<'archive' | 'delete'>();
  const path = `/api/v2/flags/${enc(project)}/${enc(flag.key)}`;
  const change = useMutation({
    mutationFn: (kind: string) => patchFlag(project, flag.key, { instructions: [{ kind }] }),
    onSuccess: () => {
      setAsking(undefined);
      notifyDone(t('Saved'));
      return queries.invalidateQueries({ queryKey: ['project', project] });
    },
    onError: (error) => notifyFailed(words(error)),
  });
  const close = () => setAsking(undefined);
  const name = flag.name || flag.key;
  return (
    <Panel title={t('Retire this flag')}>
      <Stack gap="md">
        <StillUsed project={project} env={env} flag={flag} />
        <Step
          text={t('Deprecate: people see that it should not be used in new code. It goes on working.')}
          button={
            <Button
              variant="default"
              loading={change.isPending}
              onClick={() => change.mutate(flag.deprecated ? 'restoreDeprecatedFlag' : 'deprecateFlag')}
            >
              {flag.deprecated ? t('Undo deprecation') : t('Deprecate')}
            </Button>
          }
        />
        <Step
          text={t('Archive: everybody gets the off variation, and it leaves the list. It can be restored.')}
          button={
            <Button
              variant="default"
              loading={change.isPending}
              onClick={() => (flag.archived ? change.mutate('restoreFlag') : setAsking('archive'))}
            >
              {flag.archived ? t('Restore') : t('Archive…')}
            </Button>
          }
        />
        <Step
          text={t('Delete: code that still asks for it gets its own default. The history stays.')}
          button={
            <Button color="signal" variant="outline" onClick={() => setAsking('delete')}>
              {t('Delete…')}
            </Button>
          }
        />
      </Stack>
      {asking === 'archive' && (
        <FormDialog
          title={t('Archive {flag}?', { flag: name })}
          label={t('Archive')}
          danger
          size="md"
          close={close}
          submit={() => change.mutate('archiveFlag')}
          pending={change.isPending}
          aside={
            <CopyAs
              call={{
                method: 'PATCH',
                path,
                semantic: true,
                body: { instructions: [{ kind: 'archiveFlag' }] },
              }}
            />
          }
        >
          <StillUsed project={project} env={env} flag={flag} />
          <Text size="sm">
            {t('Everybody gets its off variation, in every environment, until it is restored.')}
          </Text>
        </FormDialog>
      )}
      {asking === 'delete' && <DeleteFlag {...{ project, env, flag, close }} />}
    </Panel>
  );
}

function DeleteFlag({ project, env, flag, close }: Props & { close: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const path = { projectKey: project, featureFlagKey: flag.key };
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v2/flags/{projectKey}/{featureFlagKey}', { params: { path } })),
    onSuccess: async () => {
      await navigate({ to: '/projects/$project/$env/flags', params: { project, env } });
      queries.removeQueries({ queryKey: ['project', project, 'flag', flag.key] });
      void queries.invalidateQueries({ queryKey: ['project', project] });
      notifyDone(t('{flag} was deleted', { flag: flag.key }));
    },
  });
  return (
    <ConfirmByKey
      title={t('Delete {flag}?', { flag: flag.name || flag.key })}
      text={
        <Stack gap="sm">
          <StillUsed project={project} env={env} flag={flag} />
          {t('Code that still asks for it gets the default that stands in the code, in every environment.')}
        </Stack>
      }
      itsKey={flag.key}
      label={t('Delete')}
      pending={remove.isPending}
      error={remove.error}
      close={close}
      submit={() => remove.mutate()}
      aside={<CopyAs call={{ method: 'DELETE', path: `/api/v2/flags/${enc(project)}/${enc(flag.key)}` }} />}
    />
  );
}

function Step({ text, button }: { text: string; button: ReactNode }) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="lg">
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      <div style={{ flex: 'none' }}>{button}</div>
    </Group>
  );
}
