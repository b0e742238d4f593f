import { Button, Group, TagsInput, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { environmentsOf, projectsQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { EnvDot } from '~/shell/EnvDot';
import { CopyAs } from '~/ui/CopyAs';
import { DataTable } from '~/ui/DataTable';
import { FormDialog } from '~/ui/FormDialog';
import { KEY } from '~/ui/keys';
import { NameAndKey } from '~/ui/NameAndKey';
import { Panel } from '~/ui/Panel';
import { TagList } from '~/ui/TagList';
import { Listed } from './Listed';
import { useSend } from './useSend';

export function Projects() {
  const t = useText();
  const [creating, setCreating] = useState(false);
  const query = useQuery(projectsQuery);
  return (
    <Panel
      flush
      title={t('Projects')}
      text={t('A project has flags of its own, and environments in which each flag has a state of its own.')}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
          {t('Create project')}
        </Button>
      }
    >
      <Listed query={query}>
        {({ items }) => (
          <DataTable
            caption={t('Projects')}
            rows={items}
            id={(one) => one.key}
            columns={[
              {
                head: t('Project'),
                cell: (one) => (
                  <>
                    <Link to="/settings/projects/$project" params={{ project: one.key }} className="entity">
                      {one.name}
                    </Link>
                    <Text size="xs" c="dimmed" className="mono">
                      {one.key}
                    </Text>
                  </>
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
        )}
      </Listed>
      {creating && <CreateProject close={() => setCreating(false)} />}
    </Panel>
  );
}

function CreateProject({ close }: { close: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: '', key: '', tags: [] as string[] },
    validate: {
      name: (value) => (value.trim() ? null : t('Give the project a name')),
      key: (value) => (KEY.test(value) ? null : t('Letters, digits, dots, dashes and underscores only')),
    },
  });
  const create = useSend(
    'POST',
    () => void navigate({ to: '/settings/projects/$project', params: { project: form.values.key } }),
  );
  const path = '/api/v2/projects';
  return (
    <FormDialog
      title={t('Create a project')}
      label={t('Create project')}
      close={close}
      submit={() => form.onSubmit((body) => create.mutate({ path, body }))()}
      pending={create.isPending}
      error={create.error}
      aside={<CopyAs call={{ method: 'POST', path, body: form.values }} />}
    >
      <NameAndKey
        name={form.values.name}
        itsKey={form.values.key}
        nameError={form.errors.name as string}
        keyError={form.errors.key as string}
        onChange={({ name, key }) => form.setValues({ name, key })}
      />
      <TagsInput label={t('Tags')} {...form.getInputProps('tags')} />
      <Text size="sm" c="dimmed">
        {t('It starts with the environments Test and Production.')}
      </Text>
    </FormDialog>
  );
}
