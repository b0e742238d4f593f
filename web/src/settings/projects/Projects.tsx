import { Group, Text } from '@mantine/core';
import { IconFolder } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { environmentsOf, projectsQuery } from '~/api/account';
import { request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { EnvDot } from '~/shell/EnvDot';
import { TagList } from '~/ui/TagList';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { NameCell } from '../NameCell';
import { ProjectDialog } from './ProjectDialog';

export function Projects() {
  const t = useText();
  return (
    <ListPage
      title={t('Projects')}
      text={t('A project has flags of its own, and environments in which each flag has a state of its own.')}
      icon={<EmptyIcon of={IconFolder} />}
      empty={{ title: t('No projects yet') }}
      query={useQuery(projectsQuery)}
      id={(one) => one.key}
      name={(one) => one.name}
      words={(one) => `${one.key} ${one.tags.join(' ')}`}
      create={{
        label: t('Create project'),
        needs: ['createProject', 'proj/*'],
        dialog: (close) => <ProjectDialog close={close} />,
      }}
      edit={{
        needs: (one) => ['updateProjectName', `proj/${one.key}`],
        dialog: (one, close) => <ProjectDialog project={one} close={close} />,
      }}
      actions={[
        {
          label: t('Delete…'),
          danger: true,
          needs: (one) => ['deleteProject', `proj/${one.key}`],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the project {project}?', { project: one.name })}
              text={t(
                'Its flags, segments and environments go with it. SDKs that use its keys are refused at once.',
              )}
              itsKey={one.key}
              call={request('delete', '/api/v2/projects/{projectKey}', { path: { projectKey: one.key } })}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        {
          head: t('Project'),
          cell: (one) => (
            <NameCell
              name={
                <Link to="/settings/projects/$project" params={{ project: one.key }} className="entity">
                  {one.name}
                </Link>
              }
              itsKey={one.key}
            />
          ),
        },
        {
          head: t('Environments'),
          cell: (one) => (
            <Group gap="md">
              {environmentsOf(one).map((env) => (
                <Group gap={6} key={env.key} wrap="nowrap">
                  <EnvDot color={env.color} />
                  <Text size="sm">{env.name}</Text>
                </Group>
              ))}
            </Group>
          ),
        },
        { head: t('Tags'), cell: (one) => <TagList tags={one.tags} />, minor: true },
      ]}
    />
  );
}
