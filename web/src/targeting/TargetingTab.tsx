import { Alert, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { flagQuery } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { Ago } from '~/ui/Ago';
import { ErrorState } from '~/ui/ErrorState';
import { EnvSwitch } from './EnvSwitch';
import { StagedBar } from './StagedBar';
import { TargetingStack } from './TargetingStack';
import { useDraft } from './useDraft';
import { useLint } from './useLint';
import { useMatches } from './useMatches';

interface Props {
  project: string;
  env: string;
  flag: Flag;
}

/** What the flag does in one environment: read and edited in the order in which it is evaluated. */
export function TargetingTab({ project, env, flag }: Props) {
  const t = useText();
  const environment = useEnvironments(project).find((one) => one.key === env);
  const all = useQuery(flagQuery(project, flag.key));
  const config = flag.environments?.[env];
  const edit = useDraft(project, env, flag);
  const notes = useLint(project, env, flag, edit.base, edit.draft);
  const matches = useMatches(project, env, flag, edit.base, edit.draft);
  if (!config || !edit.draft) {
    return (
      <ErrorState
        error={new Error(t('This flag is not in the environment {env}', { env }))}
        retry={() => void all.refetch()}
      />
    );
  }
  const { draft, base, set } = edit;
  return (
    <>
      <Group justify="space-between" mb="sm" gap="sm">
        <EnvSwitch project={project} env={env} flag={flag} />
        <Text size="xs" c="dimmed">
          {t('Version {version}', { version: config.version })} · <Ago at={config.lastModified} />
        </Text>
      </Group>
      {flag.archived && (
        <Alert color="gray" mb="md">
          {t('The flag is archived: it serves its off variation. Restore it in its settings to change it.')}
        </Alert>
      )}
      <TargetingStack
        name={environment?.name ?? env}
        editing={{ project, env, flag, draft, base, set, notes, matches, readOnly: flag.archived }}
      />
      <StagedBar edit={edit} environment={environment} flag={flag} project={project} env={env} />
    </>
  );
}
