import { Checkbox, Group, Radio, Select, Stack, TagsInput, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEverywhere } from '~/access/places';
import { projectsQuery, tagsQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { ApiError } from '~/api/errors';
import { request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { KEY } from '~/ui/keys';
import { NameAndKey } from '~/ui/NameAndKey';
import { InViewsField } from '~/views/InViewsField';
import { MigrationFields } from './MigrationFields';
import { conventionalKey, exampleKey, hasConvention, unconventional } from './naming';
import { FIRST, firstVariations, flagBody, flagTerraform, type FlagForm, type FlagType } from './newFlag';
import { VariationRows } from './VariationRows';

export function CreateFlag({ project, env, close }: { project: string; env: string; close: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const everywhere = useEverywhere(project);
  const tags = useQuery(tagsQuery);
  const convention = useQuery(projectsQuery).data?.items.find((one) => one.key === project)?.namingConvention;
  const example = exampleKey(convention);
  const types: { value: FlagType; label: string }[] = [
    { value: 'boolean', label: t('Boolean') },
    { value: 'string', label: t('String') },
    { value: 'number', label: t('Number') },
    { value: 'json', label: t('JSON') },
    { value: 'migration', label: t('Migration') },
  ];
  const keyError = (key: string) => {
    if (!KEY.test(key)) return t('Letters, digits, dots, dashes and underscores only');
    return unconventional(convention, key)
      ? t('Keys of this project look like {example}', { example })
      : undefined;
  };
  return (
    <EditDialog<FlagForm, Schemas['FeatureFlag']>
      draft={`flag.${project}`}
      title={t('Create a flag')}
      label={t('Create flag')}
      size="xl"
      needs={everywhere('createFlag')}
      initial={FIRST}
      close={close}
      validate={({ name, key }) => ({
        ...(name.trim() ? {} : { name: t('Give the flag a name') }),
        ...(keyError(key) ? { key: keyError(key) } : {}),
      })}
      about={(error) =>
        error instanceof ApiError && error.status === 409
          ? { field: 'key', text: t('There is a flag with this key') }
          : undefined
      }
      call={(values) =>
        request('post', '/api/v2/flags/{projectKey}', {
          path: { projectKey: project },
          body: flagBody(values),
        })
      }
      terraform={(values) => flagTerraform(project, values)}
      done={({ key: flag }) =>
        void navigate({ to: '/projects/$project/$env/flags/$flag', params: { project, env, flag } })
      }
    >
      {(form) => {
        const values = form.getValues();
        const choices = values.variations.map((variation, index) => ({
          value: String(index),
          label: variation.name || variation.text || `#${index + 1}`,
        }));
        return (
          <>
            <NameAndKey
              name={values.name}
              itsKey={values.key}
              nameError={form.errors.name?.toString()}
              keyError={form.errors.key?.toString()}
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
            <Radio.Group
              label={t('Type')}
              value={values.type}
              onChange={(type) =>
                form.setValues({
                  type: type as FlagType,
                  variations: firstVariations(type as FlagType),
                  on: 0,
                  off: 1,
                })
              }
            >
              <Group gap="lg" mt={6}>
                {types.map(({ value, label }) => (
                  <Radio key={value} value={value} label={label} />
                ))}
              </Group>
            </Radio.Group>
            {values.type === 'migration' ? (
              <MigrationFields
                project={project}
                migration={values.migration}
                change={(migration) => form.setFieldValue('migration', migration)}
              />
            ) : (
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
            <InViewsField project={project} {...form.getInputProps('views')} />
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
          </>
        );
      }}
    </EditDialog>
  );
}
