import { Alert, Anchor, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, ask } from '~/api/client';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { statusQuery } from './life';

/** Who would miss a flag: flags that depend on it, and SDKs that asked for it lately. */
export function StillUsed({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  const t = useText();
  const environments = useEnvironments(project);
  const dependents = useQuery({
    queryKey: ['project', project, 'dependents', flag.key],
    queryFn: () =>
      ask(
        api.GET('/api/v2/flags/{projectKey}/{featureFlagKey}/dependent-flags', {
          params: {
            path: { projectKey: project, featureFlagKey: flag.key },
            header: { 'LD-API-Version': 'beta' },
          },
        }),
      ),
    retry: false,
  });
  const status = useQuery(statusQuery(project, flag.key));
  const users = dependents.data?.items ?? [];
  const asking = environments.flatMap(({ key, name }) => {
    const found = status.data?.environments[key];
    const lately = found?.name === 'active' || found?.name === 'launched';
    return lately && found.lastRequested ? [{ key, name, at: Date.parse(found.lastRequested) }] : [];
  });
  if (!dependents.data && !status.data) return null;
  if (users.length === 0 && asking.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('No flag depends on it, and no SDK asked for it in the last week.')}
      </Text>
    );
  }
  return (
    <Alert color="yellow" variant="light" title={t('It is still in use')}>
      <Stack gap={6}>
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
        {asking.map(({ key, name, at }) => (
          <Text size="sm" key={key} component="div">
            {t('SDKs asked for it in {environment}:', { environment: name })} <Ago at={at} />
          </Text>
        ))}
      </Stack>
    </Alert>
  );
}
