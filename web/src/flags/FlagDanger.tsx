import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { api, ask } from '~/api/client';
import { enc, patchFlag } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { ConfirmByKey } from '~/ui/ConfirmByKey';
import { CopyAs } from '~/ui/CopyAs';
import { notifyDone, notifyFailed } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { useWords } from '~/ui/useWords';

/** The end of a flag: deprecated, archived, deleted. Who depends on it is shown before. */
export function FlagDanger({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const path = { projectKey: project, featureFlagKey: flag.key };
  const dependents = useQuery({
    queryKey: ['project', project, 'dependents', flag.key],
    queryFn: () =>
      ask(
        api.GET('/api/v2/flags/{projectKey}/{featureFlagKey}/dependent-flags', {
          params: { path, header: { 'LD-API-Version': 'beta' } },
        }),
      ),
    retry: false,
  });
  const change = useMutation({
    mutationFn: (kind: string) => patchFlag(project, flag.key, { instructions: [{ kind }] }),
    onSuccess: () => {
      notifyDone(t('Saved'));
      return queries.invalidateQueries({ queryKey: ['project', project] });
    },
    onError: (error) => notifyFailed(words(error)),
  });
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/api/v2/flags/{projectKey}/{featureFlagKey}', { params: { path } })),
    onSuccess: async () => {
      await navigate({ to: '/projects/$project/$env/flags', params: { project, env } });
      queries.removeQueries({ queryKey: ['project', project, 'flag', flag.key] });
      void queries.invalidateQueries({ queryKey: ['project', project] });
      notifyDone(t('{flag} was deleted', { flag: flag.key }));
    },
  });
  const users = dependents.data?.items ?? [];
  return (
    <Panel title={t('Retire this flag')}>
      <Stack gap="md">
        {users.length > 0 && (
          <Text size="sm" component="div">
            {t('It is a prerequisite of:')}{' '}
            {users.map((one, index) => (
              <span key={one.key}>
                {index > 0 && ', '}
                <Anchor component={Link} to={`/projects/${project}/${env}/flags/${one.key}`} size="sm">
                  {one.name || one.key}
                </Anchor>
              </span>
            ))}
          </Text>
        )}
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
              onClick={() => change.mutate(flag.archived ? 'restoreFlag' : 'archiveFlag')}
            >
              {flag.archived ? t('Restore') : t('Archive')}
            </Button>
          }
        />
        <Step
          text={t('Delete: code that still asks for it gets its own default. The history stays.')}
          button={
            <Button color="signal" variant="outline" onClick={() => setDeleting(true)}>
              {t('Delete…')}
            </Button>
          }
        />
      </Stack>
      {deleting && (
        <ConfirmByKey
          title={t('Delete {flag}?', { flag: flag.name || flag.key })}
          text={t(
            'Code that still asks for it gets the default that stands in the code, in every environment.',
          )}
          itsKey={flag.key}
          label={t('Delete')}
          pending={remove.isPending}
          error={remove.error}
          close={() => setDeleting(false)}
          submit={() => remove.mutate()}
          aside={
            <CopyAs call={{ method: 'DELETE', path: `/api/v2/flags/${enc(project)}/${enc(flag.key)}` }} />
          }
        />
      )}
    </Panel>
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
