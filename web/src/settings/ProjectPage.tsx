import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { environmentsOf, projectsQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { EnvDot } from '~/shell/EnvDot';
import { EmptyState } from '~/ui/EmptyState';
import { Page } from '~/ui/Page';
import { Panel } from '~/ui/Panel';
import { TagList } from '~/ui/TagList';
import { EnvironmentDialog } from './EnvironmentDialog';
import { KeyRow } from './KeyRow';
import { Listed } from './Listed';

const route = getRouteApi('/settings/projects/$project');

/** A project's environments and their keys. */
export function ProjectPage() {
  const t = useText();
  const { project: key } = route.useParams();
  const query = useQuery(projectsQuery);
  const [editing, setEditing] = useState<Schemas['EnvironmentRep'] | 'new'>();
  return (
    <Listed query={query}>
      {({ items }) => {
        const project = items.find((one) => one.key === key);
        if (!project) return <EmptyState title={t('This does not exist, or not any more')} />;
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
              <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
                {t('Create environment')}
              </Button>
            }
          >
            {environmentsOf(project).map((env) => (
              <Panel
                key={env.key}
                title={
                  <Group gap="xs">
                    <EnvDot color={env.color} />
                    {env.name}
                    {env.critical && <Badge color="gray">{t('critical')}</Badge>}
                    {env.requireComments && <Badge color="gray">{t('comments required')}</Badge>}
                  </Group>
                }
                text={<code>{env.key}</code>}
                actions={
                  <Button variant="default" size="compact-md" onClick={() => setEditing(env)}>
                    {t('Edit')}
                  </Button>
                }
              >
                <Stack gap={6}>
                  <KeyRow project={key} env={env} kind="sdk" label={t('SDK key')} value={env.apiKey} />
                  <KeyRow
                    project={key}
                    env={env}
                    kind="mobile"
                    label={t('Mobile key')}
                    value={env.mobileKey}
                  />
                  <KeyRow project={key} env={env} kind="client" label={t('Client-side ID')} value={env._id} />
                </Stack>
              </Panel>
            ))}
            <Text size="sm" c="dimmed">
              {t(
                'Whoever has an SDK key can read all flags of its environment. Rotate a key that got into the wrong hands.',
              )}
            </Text>
            {editing && (
              <EnvironmentDialog
                project={key}
                environment={editing === 'new' ? undefined : editing}
                close={() => setEditing(undefined)}
              />
            )}
          </Page>
        );
      }}
    </Listed>
  );
}
