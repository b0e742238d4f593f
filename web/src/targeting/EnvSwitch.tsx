import { Button, Group } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { EnvDot } from '~/shell/EnvDot';
import { useEnvironments } from '~/shell/place';

/** The environments of the flag, to look at another one. */
export function EnvSwitch({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  const t = useText();
  const navigate = useNavigate();
  const environments = useEnvironments(project);
  return (
    <Group gap={6} role="group" aria-label={t('Environment')}>
      {environments.map((one) => {
        const on = flag.environments?.[one.key]?.on ?? false;
        return (
          <Button
            key={one.key}
            size="compact-md"
            variant={one.key === env ? 'light' : 'subtle'}
            color={one.key === env ? undefined : 'gray'}
            aria-pressed={one.key === env}
            leftSection={<EnvDot color={one.color} />}
            fw={one.key === env ? 600 : 500}
            onClick={() =>
              void navigate({
                to: '/projects/$project/$env/flags/$flag',
                params: { project, env: one.key, flag: flag.key },
                search: true,
              })
            }
          >
            {one.name}
            <span style={{ fontWeight: 450, marginLeft: 6 }}>{on ? t('on') : t('off')}</span>
          </Button>
        );
      })}
    </Group>
  );
}
