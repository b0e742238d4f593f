import { List, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { JsonEditor } from '~/ui/JsonEditor';
import { NameAndKey } from '~/ui/NameAndKey';
import { explain, readPolicy } from './policy';
import { useSend } from './useSend';

const FIRST = [{ effect: 'allow', actions: ['updateOn'], resources: ['proj/*:env/test:flag/*'] }];

/** A role with its policy, which says in words what it means while it is written. */
export function RoleDialog({ role, close }: { role: Schemas['CustomRole'] | undefined; close: () => void }) {
  const t = useText();
  const form = useForm({
    initialValues: {
      name: role?.name ?? '',
      key: role?.key ?? '',
      description: role?.description ?? '',
      base: (role?.basePermissions ?? 'no_access') as string,
      policy: JSON.stringify(role?.policy ?? FIRST, null, 2),
    },
  });
  const { values } = form;
  const policy = readPolicy(values.policy);
  const whole = {
    name: values.name,
    description: values.description,
    basePermissions: values.base,
    policy: policy ?? [],
  };
  const call = role
    ? ({
        method: 'PATCH',
        path: `/api/v2/roles/${enc(role.key)}`,
        body: Object.entries(whole).map(([name, value]) => ({ op: 'replace', path: `/${name}`, value })),
      } as const)
    : ({ method: 'POST', path: '/api/v2/roles', body: { ...whole, key: values.key } } as const);
  const save = useSend(call.method, close);
  return (
    <FormDialog
      title={role ? role.name : t('Create a role')}
      label={role ? t('Save') : t('Create role')}
      size="xl"
      close={close}
      submit={() => save.mutate(call)}
      pending={save.isPending}
      error={save.error}
      disabled={!policy || values.name.trim() === ''}
      aside={<CopyAs call={call} />}
    >
      {role ? (
        <TextInput label={t('Name')} required {...form.getInputProps('name')} />
      ) : (
        <NameAndKey name={values.name} itsKey={values.key} onChange={(next) => form.setValues(next)} />
      )}
      <Textarea label={t('Description')} {...form.getInputProps('description')} />
      <Stack gap={4}>
        <Text size="sm" fw={500}>
          {t('Begins with')}
        </Text>
        <SegmentedControl
          aria-label={t('Begins with')}
          style={{ alignSelf: 'flex-start' }}
          data={[
            { value: 'no_access', label: t('nothing') },
            { value: 'reader', label: t('seeing everything') },
          ]}
          {...form.getInputProps('base')}
        />
      </Stack>
      <Stack gap={4}>
        <Text size="sm" fw={500}>
          {t('Policy')}
        </Text>
        <JsonEditor
          label={t('Policy')}
          value={values.policy}
          onChange={(text) => form.setFieldValue('policy', text)}
          minHeight="150px"
          maxHeight="280px"
        />
      </Stack>
      {policy ? (
        <List size="sm" spacing={4} aria-label={t('What the policy means')}>
          {policy.map((statement, index) => (
            <List.Item key={index}>{explain(t, statement)}</List.Item>
          ))}
        </List>
      ) : (
        <Text size="sm" c="signal" role="alert">
          {t('A policy is a list of statements in JSON')}
        </Text>
      )}
    </FormDialog>
  );
}
