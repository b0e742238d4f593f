import { Anchor, List, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { flagQuery } from '~/api/flags';
import { useServes } from '~/flags/useServes';
import { variationName } from '~/flags/variation';
import { useText } from '~/i18n/text';
import type { Flag } from '~/api/types';
import { useEnvironments } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { ErrorState } from '~/ui/ErrorState';

interface Place {
  project: string;
  env: string;
  flag: string;
}

/** Why an environment serves what it serves, whoever asks. */
export function WhyServed({ project, env, flag }: Place) {
  const query = useQuery(flagQuery(project, flag));
  if (query.isError) return <ErrorState error={query.error} />;
  return query.data ? <Served project={project} env={env} flag={query.data} /> : <Skeleton h={120} />;
}

function Served({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  const t = useText();
  const config = flag.environments?.[env];
  const serves = useServes(flag, config);
  const environment = useEnvironments(project).find(({ key }) => key === env)?.name ?? env;
  if (!config) return null;
  const off = variationName(flag.variations[config.offVariation ?? -1]);
  const targets = (config.targets ?? []).concat(config.contextTargets ?? []);
  const targeted = targets.reduce((sum, { values }) => sum + values.length, 0);
  const rules = config.rules?.length ?? 0;
  const steps = [
    ...(config.prerequisites ?? []).map(({ key }) =>
      t('Where the prerequisite {flag} is not met: {variation}.', { flag: key, variation: off }),
    ),
    targeted > 0 &&
      t(
        '{count, plural, one {# context is} other {# contexts are}} named one by one and get what is said there.',
        {
          count: targeted,
        },
      ),
    rules > 0 &&
      t(
        '{count, plural, one {# rule is} other {# rules are}} tried in order; the first that matches decides.',
        {
          count: rules,
        },
      ),
    t('Everybody else gets the default rule: {variation}.', { variation: serves.first }),
  ].filter((step) => step !== false);
  return (
    <Stack gap="xs">
      <Text fw={600}>
        {config.on
          ? t('On in {environment}', { environment })
          : t('Off in {environment}: everybody gets {variation}.', { environment, variation: serves.first })}
      </Text>
      {config.on && (
        <List type="ordered" size="sm" spacing={4}>
          {steps.map((step) => (
            <List.Item key={step}>{step}</List.Item>
          ))}
        </List>
      )}
      <Text size="sm" c="dimmed">
        {t('Changed')} <Ago at={config.lastModified} /> ·{' '}
        <Anchor
          component={Link}
          size="sm"
          underline="always"
          to={`/projects/${project}/${env}/flags/${flag.key}`}
        >
          {t('Targeting')}
        </Anchor>{' '}
        ·{' '}
        <Anchor
          component={Link}
          size="sm"
          underline="always"
          to={`/projects/${project}/${env}/flags/${flag.key}?tab=history`}
        >
          {t('History')}
        </Anchor>
      </Text>
    </Stack>
  );
}
