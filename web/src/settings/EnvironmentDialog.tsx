import { Checkbox, ColorInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { KEY } from '~/ui/keys';
import { NameAndKey } from '~/ui/NameAndKey';
import { useSend } from './useSend';

interface Props {
  project: string;
  environment: Schemas['EnvironmentRep'] | undefined;
  close: () => void;
}

/** Creates or changes an environment. */
export function EnvironmentDialog({ project, environment, close }: Props) {
  const t = useText();
  const form = useForm({
    initialValues: {
      name: environment?.name ?? '',
      key: environment?.key ?? '',
      color: `#${environment?.color ?? '2f74c0'}`,
      critical: environment?.critical ?? false,
      requireComments: environment?.requireComments ?? false,
      confirmChanges: environment?.confirmChanges ?? false,
    },
    validate: {
      name: (value) => (value.trim() ? null : t('Give the environment a name')),
      key: (value) => (KEY.test(value) ? null : t('Letters, digits, dots, dashes and underscores only')),
      color: (value) => (/^#[0-9a-fA-F]{6}$/.test(value) ? null : t('A colour as #2f74c0')),
    },
  });
  const { key, ...rest } = form.values;
  const values = { ...rest, color: rest.color.replace('#', '') };
  const base = `/api/v2/projects/${enc(project)}/environments`;
  const patch = Object.entries(values)
    .filter(([name, value]) => environment?.[name as keyof typeof values] !== value)
    .map(([name, value]) => ({ op: 'replace', path: `/${name}`, value }));
  const call = environment
    ? ({ method: 'PATCH', path: `${base}/${enc(environment.key)}`, body: patch } as const)
    : ({ method: 'POST', path: base, body: { ...values, key } } as const);
  const save = useSend(call.method, close);
  return (
    <FormDialog
      title={environment ? t('Edit {env}', { env: environment.name }) : t('Create an environment')}
      label={environment ? t('Save') : t('Create environment')}
      close={close}
      submit={() => form.onSubmit(() => save.mutate(call))()}
      pending={save.isPending}
      error={save.error}
      disabled={environment !== undefined && patch.length === 0}
      aside={<CopyAs call={call} />}
    >
      {environment ? (
        <TextInput label={t('Name')} data-autofocus required {...form.getInputProps('name')} />
      ) : (
        <NameAndKey
          name={form.values.name}
          itsKey={key}
          nameError={form.errors.name as string}
          keyError={form.errors.key as string}
          onChange={(next) => form.setValues(next)}
        />
      )}
      <ColorInput
        label={t('Colour')}
        swatches={['#417505', '#f5a623', '#2f74c0', '#7a5bd0', '#c23f76', '#5d6b7a']}
        eyeDropperButtonProps={{ 'aria-label': t('Take a colour from the screen') }}
        {...form.getInputProps('color')}
      />
      <Stack gap={8}>
        <Checkbox
          label={t('Critical: switches ask before they change it')}
          {...form.getInputProps('critical', { type: 'checkbox' })}
        />
        <Checkbox
          label={t('Changes need a comment')}
          {...form.getInputProps('requireComments', { type: 'checkbox' })}
        />
        <Checkbox
          label={t('Changes are confirmed')}
          {...form.getInputProps('confirmChanges', { type: 'checkbox' })}
        />
      </Stack>
    </FormDialog>
  );
}
