import { Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ActButton } from '~/access/ActButton';
import { environmentsOf, projectsQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { EmptyState } from '~/ui/EmptyState';
import { Page } from '~/ui/Page';
import { TagList } from '~/ui/TagList';
import { Listed } from '../Listed';
import { EnvironmentDialog } from './EnvironmentDialog';
import { EnvironmentPanel } from './EnvironmentPanel';
import { ProjectDialog } from './ProjectDialog';

const route = getRouteApi('/settings/projects/$project');

/** A project's environments and their keys. */
export function ProjectPage() {
  const t = useText();
  const { project: key } = route.useParams();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(projectsQuery);
  const show = (open?: string) => void navigate({ search: (now) => ({ ...now, open }), replace: true });
  const close = () => show();
  return (
    <Listed query={query}>
      {({ items }) => {
        const project = items.find((one) => one.key === key);
        if (!project) return <EmptyState page title={t('This does not exist, or not any more')} />;
        const environments = environmentsOf(project);
        const edited = environments.find((env) => `env.${env.key}` === open);
        return (
          <Page
            over={
              <Link to="/settings/$section" params={{ section: 'projects' }}>
                {t('Projects')}
              </Link>
            }
            title={project.name}
            beside={<TagList tags={project.tags} />}
            text={<code>{project.key}</code>}
            actions={
              <>
                <ActButton
                  variant="default"
                  needs={['updateProjectName', `proj/${key}`]}
                  onClick={() => show('project')}
                >
                  {t('Edit project')}
                </ActButton>
                <ActButton
                  needs={['createEnvironment', `proj/${key}:env/*`]}
                  leftSection={<IconPlus size={16} />}
                  onClick={() => show('new')}
                >
                  {t('Create environment')}
                </ActButton>
              </>
            }
          >
            {environments.map((env) => (
              <EnvironmentPanel
                key={env.key}
                project={key}
                env={env}
                edit={() => show(`env.${env.key}`)}
                only={environments.length === 1}
              />
            ))}
            <Text size="sm" c="dimmed">
              {t(
                'Whoever has an SDK key can read all flags of its environment. Rotate a key that got into the wrong hands.',
              )}
            </Text>
            {open === 'project' && <ProjectDialog project={project} close={close} />}
            {(edited || open === 'new') && (
              <EnvironmentDialog project={key} environment={edited} others={environments} close={close} />
            )}
          </Page>
        );
      }}
    </Listed>
  );
}
