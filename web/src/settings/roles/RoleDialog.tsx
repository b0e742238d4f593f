import { SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import type { Needs } from '~/access/questions';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { NameAndKeyOf, useNameAndKeyErrors } from '~/forms/NameAndKeyOf';
import { useText } from '~/i18n/text';
import { hclStatements, terraform } from '~/ui/terraform';
import { readPolicy, writePolicy } from './policy';
import { PolicyEditor } from './PolicyEditor';
import { PolicyTrial } from './PolicyTrial';
import { PresetStatements } from './PresetStatements';

const FIRST = [{ effect: 'allow', actions: ['updateOn'], resources: ['proj/*:env/test:flag/*'] }];

/** A role with its policy, which says in words what it means while it is written, and can be tried before it is saved. */
export function RoleDialog({ role, close }: { role?: Schemas['CustomRole']; close: () => void }) {
  const t = useText();
  const given = readPolicy(writePolicy(role?._presetStatements ?? [])) ?? [];
  const errors = useNameAndKeyErrors();
  const initial = {
    name: role?.name ?? '',
    key: role?.key ?? '',
    description: role?.description ?? '',
    base: role?.basePermissions ?? ('reader' as const),
    policy: writePolicy(role?.policy ?? FIRST),
  };
  const whole = (values: typeof initial) => ({
    name: values.name,
    description: values.description,
    basePermissions: values.base,
    policy: readPolicy(values.policy) ?? [],
  });
  const at = `role/${role?.key ?? '*'}`;
  const needs: Needs = role ? ['updatePolicy', at] : ['createRole', at];
  return (
    <EditDialog
      draft={`role.${role?.key ?? ''}`}
      title={role ? role.name : t('Create a role')}
      label={role ? t('Save') : t('Create role')}
      size="xl"
      needs={needs}
      initial={initial}
      close={close}
      validate={(values) => ({
        ...errors(values),
        ...(readPolicy(values.policy) ? {} : { policy: t('A policy is a list of statements in JSON') }),
      })}
      call={(values) => {
        if (!readPolicy(values.policy)) return undefined;
        if (!role) return request('post', '/api/v2/roles', { body: { ...whole(values), key: values.key } });
        const body = replaced(whole(initial), whole(values));
        if (body.length === 0) return undefined;
        return request('patch', '/api/v2/roles/{customRoleKey}', { path: { customRoleKey: role.key }, body });
      }}
      terraform={(values) =>
        terraform('custom_role', values.key, {
          key: values.key,
          name: values.name,
          description: values.description || undefined,
          base_permissions: values.base,
          policy_statements: hclStatements(readPolicy(values.policy)),
        })
      }
    >
      {(form) => (
        <>
          <NameAndKeyOf form={form} fixed={role !== undefined} />
          <Textarea label={t('Description')} autosize {...form.getInputProps('description')} />
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
          <PresetStatements statements={given} />
          <PolicyEditor
            before={given.length}
            value={form.getValues().policy}
            error={form.errors.policy?.toString()}
            onChange={(policy) => form.setFieldValue('policy', policy)}
          />
          <PolicyTrial
            before={given}
            text={form.getValues().policy}
            reader={form.getValues().base === 'reader'}
          />
        </>
      )}
    </EditDialog>
  );
}
