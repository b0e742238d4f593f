import { SegmentedControl, Select, Textarea } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { NameAndKeyOf, useNameAndKeyErrors } from '~/forms/NameAndKeyOf';
import { useLifetime } from '~/forms/useExpiries';
import { useText } from '~/i18n/text';
import type { View } from '~/views/api';
import { ViewsSelect } from './ViewsSelect';

interface Props {
  project: string;
  env: Schemas['EnvironmentRep'];
  sdkKey: Schemas['SdkKey'] | undefined;
  /** Of the project. */
  views: View[];
  close: () => void;
}

/** Creates or changes a key with a name. */
export function NamedKeyDialog({ project, env, sdkKey, views, close }: Props) {
  const t = useText();
  const errors = useNameAndKeyErrors();
  const lifetime = useLifetime();
  const path = { projectKey: project, environmentKey: env.key };
  const at = `proj/${project}:env/${env.key}:sdk-key`;
  const initial = {
    name: sdkKey?.name ?? '',
    key: sdkKey?.key ?? '',
    description: sdkKey?.description ?? '',
    kind: sdkKey?.kind ?? ('sdk' as const),
    viewKeys: [] as string[],
    days: sdkKey ? 'as it is' : '0',
  };
  return (
    <EditDialog
      draft={`sdk-key.${project}.${env.key}.${sdkKey?.key ?? ''}`}
      title={
        sdkKey ? t('Edit {what}', { what: sdkKey.name }) : t('Add a key by name to {env}', { env: env.name })
      }
      label={sdkKey ? t('Save') : t('Create key')}
      needs={sdkKey ? ['updateSdkKey', `${at}/${sdkKey.key}`] : ['createSdkKey', `${at}/*`]}
      size="md"
      initial={initial}
      validate={errors}
      close={close}
      call={({ name, key, description, kind, viewKeys, days }) => {
        const expiry = days === 'as it is' ? {} : { expiry: lifetime.at(days) ?? null };
        if (!sdkKey) {
          return request('post', '/api/v2/projects/{projectKey}/environments/{environmentKey}/sdk-keys', {
            path,
            body: {
              name,
              key,
              description,
              kind,
              ...(viewKeys.length > 0 && { viewKeys }),
              expiry: lifetime.at(days),
            },
            beta: true,
          });
        }
        const same = name === initial.name && description === initial.description && days === initial.days;
        if (same) return undefined;
        return request(
          'patch',
          '/api/v2/projects/{projectKey}/environments/{environmentKey}/sdk-keys/{sdkKeyKey}',
          { path: { ...path, sdkKeyKey: sdkKey.key }, body: { name, description, ...expiry }, beta: true },
        );
      }}
    >
      {(form) => (
        <>
          <NameAndKeyOf form={form} fixed={sdkKey !== undefined} />
          <Textarea label={t('Description')} autosize {...form.getInputProps('description')} />
          {!sdkKey && (
            <SegmentedControl
              aria-label={t('For')}
              data={[
                { value: 'sdk', label: t('servers') },
                { value: 'mobile', label: t('mobile apps') },
              ]}
              {...form.getInputProps('kind')}
            />
          )}
          {!sdkKey && views.length > 0 && <ViewsSelect views={views} {...form.getInputProps('viewKeys')} />}
          <Select
            label={t('It ends')}
            data={[...(sdkKey ? [{ value: 'as it is', label: t('as it is') }] : []), ...lifetime.data]}
            {...form.getInputProps('days')}
          />
        </>
      )}
    </EditDialog>
  );
}
