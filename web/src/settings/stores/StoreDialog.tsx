import { Checkbox, Group, NumberInput, PasswordInput, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { environmentsOf, projectsQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { Encoded, terraform } from '~/ui/terraform';

type Store = Schemas['BigSegmentStoreIntegration'];
const KIND = 'redis';

function given(config: Record<string, string | number | boolean>) {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== ''));
}

/** Adds or changes a Redis server. */
export function StoreDialog({ store, close }: { store?: Store; close: () => void }) {
  const t = useText();
  const projects = useQuery(projectsQuery).data?.items ?? [];
  const config = (store?.config ?? {}) as Record<string, string | number | boolean | undefined>;
  const initial = {
    place: store ? `${store.projectKey} ${store.environmentKey}` : '',
    name: store?.name ?? '',
    host: String(config.host ?? ''),
    port: Number(config.port ?? 6379),
    username: String(config.username ?? ''),
    password: String(config.password ?? ''),
    prefix: String(config.prefix ?? ''),
    tls: config.tls === true,
    on: store?.on ?? true,
  };
  const body = ({ name, on, host, port, username, password, prefix, tls }: typeof initial) => ({
    name,
    on,
    config: given({ host, port, username, password, prefix, tls }),
  });
  const places = projects.flatMap((project) =>
    environmentsOf(project).map((env) => ({
      value: `${project.key} ${env.key}`,
      label: `${project.name} · ${env.name}`,
    })),
  );
  return (
    <EditDialog
      draft={`store.${store?._id ?? ''}`}
      title={store ? t('Edit {what}', { what: store.name }) : t('Add a persistent store')}
      label={store ? t('Save') : t('Add store')}
      needs={[store ? 'updateConfiguration' : 'createIntegration', `integration/${KIND}`]}
      initial={initial}
      secret={['password']}
      close={close}
      validate={({ place, host, name }) => ({
        ...(place ? {} : { place: t('Choose one') }),
        ...(name.trim() ? {} : { name: t('Give it a name') }),
        ...(host.trim() ? {} : { host: t('It is needed') }),
      })}
      call={(values) => {
        const [projectKey = '', environmentKey = ''] = values.place.split(' ');
        const path = { projectKey, environmentKey, integrationKey: KIND };
        if (!store) {
          return request(
            'post',
            '/api/v2/integration-capabilities/big-segment-store/{projectKey}/{environmentKey}/{integrationKey}',
            { path, body: body(values), beta: true },
          );
        }
        const patch = replaced(body(initial), body(values));
        return patch.length > 0
          ? request(
              'patch',
              '/api/v2/integration-capabilities/big-segment-store/{projectKey}/{environmentKey}/{integrationKey}/{integrationId}',
              { path: { ...path, integrationId: store._id }, body: patch, beta: true },
            )
          : undefined;
      }}
      terraform={(values) => {
        const [project, env] = values.place.split(' ');
        return terraform('big_segment_store_integration', values.name, {
          project_key: project,
          environment_key: env,
          integration_key: KIND,
          name: values.name,
          on: values.on,
          config: new Encoded(body({ ...values, password: '' }).config),
        });
      }}
    >
      {(form) => (
        <>
          <Select
            label={t('Environment')}
            disabled={store !== undefined}
            searchable
            data={places}
            {...form.getInputProps('place')}
          />
          <TextInput label={t('Name')} required {...form.getInputProps('name')} />
          <Group align="flex-start" wrap="nowrap">
            <TextInput
              label={t('Redis server')}
              placeholder="redis.example.com"
              required
              flex={1}
              {...form.getInputProps('host')}
            />
            <NumberInput
              label={t('Port')}
              w={110}
              min={1}
              max={65535}
              hideControls
              {...form.getInputProps('port')}
            />
          </Group>
          <Group align="flex-start" grow>
            <TextInput label={t('User name')} autoComplete="off" {...form.getInputProps('username')} />
            <PasswordInput
              label={t('Password')}
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': t('Show {what}', { what: t('Password') }) }}
              {...form.getInputProps('password')}
            />
          </Group>
          <TextInput
            label={t('What names in it begin with')}
            description={t('As in the SDKs; launchdarkly unless told.')}
            classNames={{ input: 'mono' }}
            {...form.getInputProps('prefix')}
          />
          <Checkbox label={t('Connect by TLS')} {...form.getInputProps('tls', { type: 'checkbox' })} />
          <Checkbox label={t('On')} {...form.getInputProps('on', { type: 'checkbox' })} />
        </>
      )}
    </EditDialog>
  );
}
