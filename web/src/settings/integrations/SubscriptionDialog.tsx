import { Checkbox, Select, TagsInput, TextInput } from '@mantine/core';
import type { Needs } from '~/access/questions';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { hclConfig, hclStatements, terraform } from '~/ui/terraform';
import { writePolicy } from '../roles/policy';
import { selection, SelectionField } from '../SelectionField';
import type { Manifest, Subscription } from './api';
import { configOf } from './config';
import { VariableField } from './VariableField';

interface Props {
  manifests: Manifest[];
  subscription?: Subscription;
  close: () => void;
}

/** Adds or changes an integration. What it asks for is in its manifest. */
export function SubscriptionDialog(props: Props) {
  // The form begins with what the first of them asks for.
  return props.manifests.length > 0 ? <SubscriptionForm {...props} /> : null;
}

function SubscriptionForm({ manifests, subscription, close }: Props) {
  const t = useText();
  const first = manifests.find((one) => one.key === 'slack') ?? manifests[0];
  const initial = {
    integration: subscription?.kind ?? first?.key ?? '',
    name: subscription?.name ?? '',
    config: (subscription?.config ?? {}) as Record<string, unknown>,
    on: subscription?.on ?? true,
    tags: subscription?.tags ?? [],
    statements: subscription?.statements?.length ? writePolicy(subscription.statements) : '',
  };
  const variables = (key: string) => manifests.find((one) => one.key === key)?.formVariables ?? [];
  const body = (values: typeof initial) => ({
    name: values.name,
    config: configOf(variables(values.integration), values.config),
    on: values.on,
    tags: values.tags,
    ...(values.statements === '' ? {} : { statements: selection(values.statements) ?? [] }),
  });
  const needs = (key: string): Needs => [
    subscription ? 'updateConfiguration' : 'createIntegration',
    `integration/${key}`,
  ];
  return (
    <EditDialog
      draft={`integration.${subscription?._id ?? ''}`}
      title={subscription ? t('Edit {what}', { what: subscription.name }) : t('Add an integration')}
      label={subscription ? t('Save') : t('Add integration')}
      needs={needs(subscription?.kind ?? '*')}
      initial={initial}
      // Addresses and keys of others are secrets.
      secret={['config']}
      close={close}
      validate={({ name, config, integration, statements }) => ({
        ...(name.trim() ? {} : { name: t('Give it a name') }),
        ...Object.fromEntries(
          variables(integration)
            .filter((one) => one.required && !config[one.key])
            .map((one) => [`config.${one.key}`, t('It is needed')]),
        ),
        ...(statements !== '' && !selection(statements)
          ? { statements: t('A policy is a list of statements in JSON') }
          : {}),
      })}
      call={(values) => {
        const path = { integrationKey: values.integration };
        if (!subscription) {
          return request('post', '/api/v2/integrations/{integrationKey}', { path, body: body(values) });
        }
        const patch = replaced(body(initial), body(values));
        return patch.length > 0
          ? request('patch', '/api/v2/integrations/{integrationKey}/{id}', {
              path: { ...path, id: subscription._id },
              body: patch,
            })
          : undefined;
      }}
      terraform={(values) =>
        terraform('audit_log_subscription', values.name, {
          integration_key: values.integration,
          name: values.name,
          on: values.on,
          tags: values.tags,
          config: hclConfig(configOf(variables(values.integration), values.config)),
          statements: hclStatements(selection(values.statements)),
        })
      }
    >
      {(form) => (
        <>
          <Select
            label={t('Kind')}
            disabled={subscription !== undefined}
            data={manifests.map(({ key, name }) => ({ value: key, label: name }))}
            {...form.getInputProps('integration')}
          />
          <TextInput label={t('Name')} required data-autofocus {...form.getInputProps('name')} />
          {variables(form.getValues().integration).map((variable) => (
            <VariableField
              key={`${form.getValues().integration}.${variable.key}`}
              variable={variable}
              value={form.getValues().config[variable.key]}
              error={form.errors[`config.${variable.key}`]?.toString()}
              onChange={(value) => {
                form.setFieldValue('config', { ...form.getValues().config, [variable.key]: value });
                form.clearFieldError(`config.${variable.key}`);
              }}
            />
          ))}
          <TagsInput label={t('Tags')} {...form.getInputProps('tags')} />
          <Checkbox label={t('On')} {...form.getInputProps('on', { type: 'checkbox' })} />
          <SelectionField
            value={form.getValues().statements}
            error={form.errors.statements?.toString()}
            whole={t('It is told of changes of flags in production.')}
            onChange={(statements) => form.setFieldValue('statements', statements)}
          />
        </>
      )}
    </EditDialog>
  );
}
