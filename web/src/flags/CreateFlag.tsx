import { Checkbox, Group, Radio, Select, Stack, TagsInput, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { projectsQuery, tagsQuery } from '~/api/account';
import { ApiError } from '~/api/errors';
import { api, ask } from '~/api/client';
import { enc } from '~/api/flags';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { KEY } from '~/ui/keys';
import { NameAndKey } from '~/ui/NameAndKey';
import { MigrationFields } from './MigrationFields';
import { conventionalKey, exampleKey, hasConvention, unconventional } from './naming';
import { flagBody, flagTerraform, firstVariations, type FlagForm, type FlagType } from './newFlag';
import { VariationRows } from './VariationRows';

export function CreateFlag({ project, env, close }: { project: string; env: string; close: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const tags = useQuery(tagsQuery);
  const convention = useQuery(projectsQuery).data?.items.find((one) => one.key === project)?.namingConvention;
  const example = exampleKey(convention);
  const form = useForm<FlagForm>({
    initialValues: {
      name: '',
      key: '',
      description: '',
      type: 'boolean',
      variations: firstVariations('boolean'),
      on: 0,
      off: 1,
      tags: [],
      temporary: true,
      mobile: false,
      client: false,
      migration: { stageCount: 4, contextKind: '' },
    },
    validate: {
      name: (value) => (value.trim() ? null : t('Give the flag a name')),
      key: (value) => {
        if (!KEY.test(value)) return t('Letters, digits, dots, dashes and underscores only');
        return unconventional(convention, value)
          ? t('Keys of this project look like {example}', { example })
          : null;
      },
    },
  });
  const { values } = form;
  const create = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/v2/flags/{projectKey}', {
          params: { path: { projectKey: project } },
          body: flagBody(values),
        }),
      ),
    onSuccess: async (flag) => {
      await queries.invalidateQueries({ queryKey: ['project', project] });
      void navigate({ to: '/projects/$project/$env/flags/$flag', params: { project, env, flag: flag.key } });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 409)
        form.setFieldError('key', t('There is a flag with this key'));
    },
  });
  const types: { value: FlagType; label: string }[] = [
    { value: 'boolean', label: t('Boolean') },
    { value: 'string', label: t('String') },
    { value: 'number', label: t('Number') },
    { value: 'json', label: t('JSON') },
    { value: 'migration', label: t('Migration') },
  ];
  const choices = values.variations.map((variation, index) => ({
    value: String(index),
    label: variation.name || variation.text || `#${index + 1}`,
  }));
  const typed = (type: FlagType) =>
    form.setValues({ type, variations: firstVariations(type), on: 0, off: 1 });
  return (
    <FormDialog
      title={t('Create a flag')}
      label={t('Create flag')}
      close={close}
      submit={() => form.onSubmit(() => create.mutate())()}
      pending={create.isPending}
      error={create.error}
      size="xl"
      aside={
        <CopyAs
          call={{ method: 'POST', path: `/api/v2/flags/${enc(project)}`, body: flagBody(values) }}
          terraform={flagTerraform(project, values)}
        />
      }
    >
      <NameAndKey
        name={values.name}
        itsKey={values.key}
        nameError={form.errors.name as string}
        keyError={form.errors.key as string}
        keyHelp={
          <>
            {t('What code asks for. It cannot be changed later.')}{' '}
            {hasConvention(convention) && t('Keys of this project look like {example}', { example })}
          </>
        }
        keyFrom={(name) => conventionalKey(convention, name)}
        onChange={({ name, key }) => form.setValues({ name, key })}
      />
      <Textarea label={t('Description')} autosize minRows={2} {...form.getInputProps('description')} />
      <Radio.Group label={t('Type')} value={values.type} onChange={(type) => typed(type as FlagType)}>
        <Group gap="lg" mt={6}>
          {types.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Group>
      </Radio.Group>
      {values.type === 'migration' && (
        <MigrationFields
          project={project}
          migration={values.migration}
          change={(migration) => form.setFieldValue('migration', migration)}
        />
      )}
      {values.type !== 'migration' && (
        <>
          <VariationRows
            type={values.type}
            rows={values.variations}
            change={(variations) => form.setFieldValue('variations', variations)}
          />
          <Group grow>
            <Select
              label={t('Served when on')}
              data={choices}
              value={String(values.on)}
              onChange={(value) => form.setFieldValue('on', Number(value))}
            />
            <Select
              label={t('Served when off')}
              data={choices}
              value={String(values.off)}
              onChange={(value) => form.setFieldValue('off', Number(value))}
            />
          </Group>
        </>
      )}
      <TagsInput label={t('Tags')} data={tags.data?.items ?? []} {...form.getInputProps('tags')} />
      <Stack gap={8}>
        <Checkbox
          label={t('Temporary: it is to be removed from code one day')}
          {...form.getInputProps('temporary', { type: 'checkbox' })}
        />
        <Checkbox
          label={t('Available to client-side SDKs (JavaScript)')}
          {...form.getInputProps('client', { type: 'checkbox' })}
        />
        <Checkbox
          label={t('Available to mobile SDKs')}
          {...form.getInputProps('mobile', { type: 'checkbox' })}
        />
      </Stack>
    </FormDialog>
  );
}
