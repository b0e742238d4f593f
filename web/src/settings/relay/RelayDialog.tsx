import { TextInput } from '@mantine/core';
import type { Needs } from '~/access/questions';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { hclStatements, terraform } from '~/ui/terraform';
import { readPolicy, writePolicy } from '../roles/policy';
import { PolicyEditor } from '../roles/PolicyEditor';

type Config = Schemas['RelayAutoConfigRep'];

interface Props {
  config?: Config;
  close: () => void;
  done?: (config: Config) => void;
}

const FIRST = [{ effect: 'allow', actions: ['*'], resources: ['proj/*:env/production'] }];

/** Creates or changes which environments relays serve. */
export function RelayDialog({ config, close, done }: Props) {
  const t = useText();
  const initial = { name: config?.name ?? '', policy: writePolicy(config?.policy ?? FIRST) };
  const body = ({ name, policy }: typeof initial) => ({ name, policy: readPolicy(policy) ?? [] });
  const needs: Needs = config
    ? ['updateRelayAutoConfigurationPolicy', `relay-proxy-config/${config._id}`]
    : ['createRelayAutoConfiguration', 'relay-proxy-config/*'];
  return (
    <EditDialog
      draft={`relay.${config?._id ?? ''}`}
      title={config ? t('Edit {what}', { what: config.name }) : t('Create a relay configuration')}
      label={config ? t('Save') : t('Create configuration')}
      size="xl"
      needs={needs}
      initial={initial}
      close={close}
      done={done}
      validate={({ name, policy }) => ({
        ...(name.trim() ? {} : { name: t('Give it a name') }),
        ...(readPolicy(policy) ? {} : { policy: t('A policy is a list of statements in JSON') }),
      })}
      call={(values) => {
        if (!config) return request('post', '/api/v2/account/relay-auto-configs', { body: body(values) });
        const patch = replaced(body(initial), body(values));
        return patch.length > 0
          ? request('patch', '/api/v2/account/relay-auto-configs/{id}', {
              path: { id: config._id },
              body: patch,
            })
          : undefined;
      }}
      terraform={({ name, policy }) =>
        terraform('relay_proxy_configuration', name, { name, policy: hclStatements(readPolicy(policy)) })
      }
    >
      {(form) => (
        <>
          <TextInput label={t('Name')} required data-autofocus {...form.getInputProps('name')} />
          <PolicyEditor
            value={form.getValues().policy}
            error={form.errors.policy?.toString()}
            onChange={(policy) => form.setFieldValue('policy', policy)}
          />
        </>
      )}
    </EditDialog>
  );
}
