import { Checkbox, ColorInput, NumberInput, Select, Stack, TagsInput } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { NameAndKeyOf, useNameAndKeyErrors } from '~/forms/NameAndKeyOf';
import { useText } from '~/i18n/text';
import { terraform } from '~/ui/terraform';

type Environment = Schemas['EnvironmentRep'];

interface Props {
  project: string;
  environment: Environment | undefined;
  /** The others, of which a new one can begin as a copy. */
  others: Environment[];
  close: () => void;
}

const SWATCHES = ['#417505', '#f5a623', '#2f74c0', '#7a5bd0', '#c23f76', '#5d6b7a'];

/** Creates or changes an environment. */
export function EnvironmentDialog({ project, environment, others, close }: Props) {
  const t = useText();
  const errors = useNameAndKeyErrors();
  const initial = {
    name: environment?.name ?? '',
    key: environment?.key ?? '',
    color: `#${environment?.color ?? '2f74c0'}`,
    tags: environment?.tags ?? [],
    critical: environment?.critical ?? false,
    requireComments: environment?.requireComments ?? false,
    confirmChanges: environment?.confirmChanges ?? false,
    secureMode: environment?.secureMode ?? false,
    defaultTrackEvents: environment?.defaultTrackEvents ?? false,
    defaultTtl: environment?.defaultTtl ?? 0,
    source: '',
  };
  const body = (values: typeof initial) => {
    const { key, source, ...rest } = values;
    return { ...rest, color: rest.color.replace('#', '') };
  };
  const at = { projectKey: project };
  const check = (name: keyof typeof initial, label: string) => ({ name, label });
  const checks = [
    check('critical', t('Critical: switches ask before they change it')),
    check('requireComments', t('Changes need a comment')),
    check('confirmChanges', t('Changes are confirmed')),
    check('secureMode', t('Secure mode: browsers must prove their context with a hash')),
    check('defaultTrackEvents', t('New flags send every evaluation as an event')),
  ];
  return (
    <EditDialog
      draft={`environment.${project}.${environment?.key ?? ''}`}
      title={environment ? t('Edit {env}', { env: environment.name }) : t('Create an environment')}
      label={environment ? t('Save') : t('Create environment')}
      needs={
        environment
          ? ['updateName', `proj/${project}:env/${environment.key}`]
          : ['createEnvironment', `proj/${project}:env/*`]
      }
      initial={initial}
      close={close}
      validate={(values) => ({
        ...errors(values),
        ...(/^#[0-9a-fA-F]{6}$/.test(values.color) ? {} : { color: t('A colour as #2f74c0') }),
      })}
      call={(values) => {
        if (!environment) {
          const source = values.source ? { source: { key: values.source } } : {};
          return request('post', '/api/v2/projects/{projectKey}/environments', {
            path: at,
            body: { ...body(values), key: values.key, ...source },
          });
        }
        const patch = replaced(body(initial), body(values));
        if (patch.length === 0) return undefined;
        return request('patch', '/api/v2/projects/{projectKey}/environments/{environmentKey}', {
          path: { ...at, environmentKey: environment.key },
          body: patch,
        });
      }}
      terraform={(values) =>
        terraform('environment', `${project}_${values.key}`, {
          project_key: project,
          key: values.key,
          name: values.name,
          color: values.color.replace('#', ''),
          tags: values.tags,
          critical: values.critical,
          require_comments: values.requireComments,
          confirm_changes: values.confirmChanges,
          secure_mode: values.secureMode,
          default_track_events: values.defaultTrackEvents,
          default_ttl: values.defaultTtl,
        })
      }
    >
      {(form) => (
        <>
          <NameAndKeyOf form={form} fixed={environment !== undefined} />
          <ColorInput
            label={t('Colour')}
            swatches={SWATCHES}
            eyeDropperButtonProps={{ 'aria-label': t('Take a colour from the screen') }}
            {...form.getInputProps('color')}
          />
          <TagsInput label={t('Tags')} {...form.getInputProps('tags')} />
          {!environment && (
            <Select
              label={t('Begin as a copy of')}
              clearable
              placeholder={t('nothing: all flags are off')}
              data={others.map((one) => ({ value: one.key, label: one.name }))}
              {...form.getInputProps('source')}
            />
          )}
          <Stack gap={8}>
            {checks.map(({ name, label }) => (
              <Checkbox key={name} label={label} {...form.getInputProps(name, { type: 'checkbox' })} />
            ))}
          </Stack>
          <NumberInput
            label={t('PHP SDKs keep flags for so many minutes')}
            min={0}
            max={60}
            styles={{ wrapper: { maxWidth: 140 } }}
            {...form.getInputProps('defaultTtl')}
          />
        </>
      )}
    </EditDialog>
  );
}
