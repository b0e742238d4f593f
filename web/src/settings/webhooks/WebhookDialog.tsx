import { Checkbox, TagsInput, TextInput } from '@mantine/core';
import type { Needs } from '~/access/questions';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { hclStatements, terraform } from '~/ui/terraform';
import { writePolicy } from '../roles/policy';
import { selection, SelectionField } from '../SelectionField';

/** Creates or changes a webhook. */
export function WebhookDialog({ webhook, close }: { webhook?: Schemas['Webhook']; close: () => void }) {
  const t = useText();
  const initial = {
    name: webhook?.name ?? '',
    url: webhook?.url ?? 'https://',
    sign: webhook ? webhook.secret !== undefined : true,
    on: webhook?.on ?? true,
    tags: webhook?.tags ?? [],
    statements: webhook?.statements?.length ? writePolicy(webhook.statements) : '',
  };
  const body = ({ name, url, on, tags, statements }: typeof initial) => ({
    name,
    url,
    on,
    tags,
    ...(statements === '' && initial.statements === '' ? {} : { statements: selection(statements) ?? [] }),
  });
  const at = `webhook/${webhook?._id ?? '*'}`;
  const needs: Needs = webhook ? ['updateUrl', at] : ['createWebhook', at];
  return (
    <EditDialog
      draft={`webhook.${webhook?._id ?? ''}`}
      title={webhook ? t('Edit {what}', { what: webhook.name || webhook.url }) : t('Create a webhook')}
      label={webhook ? t('Save') : t('Create webhook')}
      needs={needs}
      initial={initial}
      close={close}
      validate={({ url, statements }) => ({
        ...(URL.canParse(url) ? {} : { url: t('An address that begins with https://') }),
        ...(statements !== '' && !selection(statements)
          ? { statements: t('A policy is a list of statements in JSON') }
          : {}),
      })}
      call={(values) => {
        if (!webhook) {
          return request('post', '/api/v2/webhooks', { body: { ...body(values), sign: values.sign } });
        }
        const patch = replaced(body(initial), body(values));
        return patch.length > 0
          ? request('patch', '/api/v2/webhooks/{id}', { path: { id: webhook._id }, body: patch })
          : undefined;
      }}
      terraform={(values) =>
        terraform('webhook', values.name || 'webhook', {
          name: values.name || undefined,
          url: values.url,
          on: values.on,
          tags: values.tags,
          statements: hclStatements(selection(values.statements)),
        })
      }
    >
      {(form) => (
        <>
          <TextInput label={t('Name')} data-autofocus {...form.getInputProps('name')} />
          <TextInput label={t('Address')} type="url" required {...form.getInputProps('url')} />
          <TagsInput label={t('Tags')} {...form.getInputProps('tags')} />
          <Checkbox label={t('On')} {...form.getInputProps('on', { type: 'checkbox' })} />
          {!webhook && (
            <Checkbox label={t('Sign what is sent')} {...form.getInputProps('sign', { type: 'checkbox' })} />
          )}
          <SelectionField
            value={form.getValues().statements}
            error={form.errors.statements?.toString()}
            whole={t('It is told of every change.')}
            onChange={(statements) => form.setFieldValue('statements', statements)}
          />
        </>
      )}
    </EditDialog>
  );
}
