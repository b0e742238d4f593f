import { Checkbox, Group, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { environmentsOf } from '~/api/account';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { NameAndKeyOf, useNameAndKeyErrors } from '~/forms/NameAndKeyOf';
import { useText } from '~/i18n/text';
import { terraform } from '~/ui/terraform';

const CASES = ['none', 'camelCase', 'upperCamelCase', 'snakeCase', 'kebabCase', 'constantCase'];

/** What a project begins with; Terraform wants it said. */
const FIRST_ENVIRONMENTS = [
  { key: 'test', name: 'Test', color: 'F5A623' },
  { key: 'production', name: 'Production', color: '417505' },
];

/** Creates or changes a project. */
export function ProjectDialog({ project, close }: { project?: Schemas['ProjectRep']; close: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const errors = useNameAndKeyErrors();
  const convention = project?.namingConvention;
  const initial = {
    name: project?.name ?? '',
    key: project?.key ?? '',
    tags: project?.tags ?? [],
    mobile: project?.defaultClientSideAvailability.usingMobileKey ?? false,
    client: project?.defaultClientSideAvailability.usingEnvironmentId ?? false,
    namingCase: convention?.case ?? 'none',
    prefix: convention?.prefix ?? '',
  };
  const body = (values: typeof initial) => ({
    name: values.name,
    tags: values.tags,
    defaultClientSideAvailability: { usingMobileKey: values.mobile, usingEnvironmentId: values.client },
    ...(values.namingCase === 'none' && values.prefix === '' && !convention
      ? {}
      : { namingConvention: { case: values.namingCase, prefix: values.prefix } }),
  });
  return (
    <EditDialog
      draft={`project.${project?.key ?? ''}`}
      title={project ? t('Edit {what}', { what: project.name }) : t('Create a project')}
      label={project ? t('Save') : t('Create project')}
      needs={project ? ['updateProjectName', `proj/${project.key}`] : ['createProject', 'proj/*']}
      initial={initial}
      validate={errors}
      close={close}
      call={(values) => {
        if (!project)
          return request('post', '/api/v2/projects', { body: { ...body(values), key: values.key } });
        const patch = replaced(body(initial), body(values));
        if (patch.length === 0) return undefined;
        return request('patch', '/api/v2/projects/{projectKey}', {
          path: { projectKey: project.key },
          body: patch,
        });
      }}
      terraform={(values) =>
        terraform('project', values.key, {
          key: values.key,
          name: values.name,
          tags: values.tags,
          default_client_side_availability: {
            using_environment_id: values.client,
            using_mobile_key: values.mobile,
          },
          environments: Object.fromEntries(
            (project ? environmentsOf(project) : FIRST_ENVIRONMENTS).map(({ key, name, color }) => [
              key,
              { key, name, color },
            ]),
          ),
        })
      }
      done={(made: { key: string }) =>
        void (!project && navigate({ to: '/settings/projects/$project', params: { project: made.key } }))
      }
    >
      {(form) => (
        <>
          <NameAndKeyOf form={form} fixed={project !== undefined} />
          <TagsInput label={t('Tags')} {...form.getInputProps('tags')} />
          <Stack gap={8}>
            <Text size="sm" fw={500}>
              {t('New flags are seen by')}
            </Text>
            <Checkbox label={t('mobile SDKs')} {...form.getInputProps('mobile', { type: 'checkbox' })} />
            <Checkbox label={t('browsers')} {...form.getInputProps('client', { type: 'checkbox' })} />
          </Stack>
          <Group grow align="flex-start">
            <Select
              label={t('Keys of flags are written in')}
              data={CASES.map((value) => ({ value, label: value === 'none' ? t('any way') : value }))}
              {...form.getInputProps('namingCase')}
            />
            <TextInput
              label={t('and begin with')}
              placeholder={t('anything')}
              classNames={{ input: 'mono' }}
              {...form.getInputProps('prefix')}
            />
          </Group>
          {!project && (
            <Text size="sm" c="dimmed">
              {t('It starts with the environments Test and Production.')}
            </Text>
          )}
        </>
      )}
    </EditDialog>
  );
}
