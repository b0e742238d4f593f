import { Button, Group } from '@mantine/core';
import { IconError404 } from '@tabler/icons-react';
import { Link, useRouterState } from '@tanstack/react-router';
import { environmentsOf } from '~/api/account';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { EmptyState } from '~/ui/EmptyState';
import { EnvDot } from './EnvDot';

type Project = Schemas['ProjectRep'];

/** Places that are offered; the switcher has them all. */
const OFFERED = 8;

interface Offer {
  label: string;
  to: string;
  color?: string;
}

/** The project of the address is not there: others are offered. */
export function NoSuchProject({ project, projects }: { project: string; projects: Project[] }) {
  const t = useText();
  const [, , , , section = 'flags'] = usePath();
  const offers = projects.flatMap((one): Offer[] => {
    const env = environmentsOf(one)[0];
    return env ? [{ label: one.name, to: `/projects/${one.key}/${env.key}/${section}` }] : [];
  });
  return (
    <NoSuchPlace
      title={t('There is no project “{key}”', { key: project })}
      text={t('It was deleted or never there, or you may not see it. These are the projects you may see:')}
      offers={offers}
    />
  );
}

/** The environment of the address is not there: those of the project are offered, on the same page. */
export function NoSuchEnvironment({ project, env }: { project: Project; env: string }) {
  const t = useText();
  const [, , , , ...rest] = usePath();
  const offers = environmentsOf(project).map((one): Offer => ({
    label: one.name,
    to: `/projects/${project.key}/${one.key}/${rest.join('/') || 'flags'}`,
    color: one.color,
  }));
  return (
    <NoSuchPlace
      title={t('{project} has no environment “{key}”', { project: project.name, key: env })}
      text={t(
        'It was deleted or never there, or you may not see it. These are the environments you may see:',
      )}
      offers={offers}
    />
  );
}

const usePath = () => useRouterState({ select: (state) => state.location.pathname }).split('/');

function NoSuchPlace({ title, text, offers }: { title: string; text: string; offers: Offer[] }) {
  const t = useText();
  return (
    <EmptyState
      page
      icon={<IconError404 size={40} stroke={1.4} color="var(--muted)" aria-hidden />}
      title={title}
      text={offers.length > 0 ? text : t('It was deleted or never there, or you may not see it.')}
      action={
        <Group gap="xs" justify="center">
          {offers.slice(0, OFFERED).map(({ label, to, color }) => (
            <Button
              key={to}
              variant="default"
              component={Link}
              to={to}
              leftSection={color && <EnvDot color={color} />}
            >
              {label}
            </Button>
          ))}
        </Group>
      }
    />
  );
}
