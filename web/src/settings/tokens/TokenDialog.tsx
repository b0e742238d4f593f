import {
  Checkbox,
  MultiSelect,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useRoleNames } from '~/access/useRoleNames';
import { rolesQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useLifetime } from '~/forms/useExpiries';
import { useText } from '~/i18n/text';
import { hclStatements, terraform } from '~/ui/terraform';
import { readPolicy, writePolicy } from '../roles/policy';
import { PolicyEditor } from '../roles/PolicyEditor';
import { tokenResource } from './Tokens';

type Token = Schemas['TokenRep'];

interface Props {
  token?: Token;
  close: () => void;
  done?: (token: Token) => void;
}

const FIRST = [{ effect: 'allow', actions: ['viewProject'], resources: ['proj/*'] }];

/** Creates or changes an access token. What it may do is a base role, own roles, or a policy for it alone. */
export function TokenDialog({ token, close, done }: Props) {
  const t = useText();
  const names = useRoleNames();
  const lifetime = useLifetime();
  const roles = useQuery(rolesQuery).data?.items ?? [];
  const kind = token?.inlineRole ? 'policy' : token?.customRoleIds ? 'roles' : 'base';
  const narrow = useMediaQuery('(max-width: 30em)');
  const initial = {
    name: token?.name ?? '',
    description: token?.description ?? '',
    kind: kind as 'base' | 'roles' | 'policy',
    role: (token?.role ?? 'reader') as string,
    customRoleIds: token?.customRoleIds ?? [],
    policy: writePolicy(token?.inlineRole ?? FIRST),
    serviceToken: token?.serviceToken ?? false,
    days: '0',
  };
  const rights = ({ kind, role, customRoleIds, policy }: typeof initial) =>
    kind === 'base'
      ? { role }
      : kind === 'roles'
        ? { customRoleIds }
        : { inlineRole: readPolicy(policy) ?? [] };
  return (
    <EditDialog
      draft={`token.${token?._id ?? ''}`}
      title={token ? t('Edit {what}', { what: token.name || token._id }) : t('Create an access token')}
      label={token ? t('Save') : t('Create token')}
      size={initial.kind === 'policy' ? 'xl' : 'lg'}
      needs={token && ['updateAccessTokenName', tokenResource(token)]}
      initial={initial}
      close={close}
      done={done}
      validate={({ name, kind, customRoleIds, policy }) => ({
        ...(name.trim() ? {} : { name: t('Give it a name') }),
        ...(kind === 'roles' && customRoleIds.length === 0
          ? { customRoleIds: t('Choose one at least') }
          : {}),
        ...(kind === 'policy' && !readPolicy(policy)
          ? { policy: t('A policy is a list of statements in JSON') }
          : {}),
      })}
      call={(values) => {
        const { name, description, serviceToken, days } = values;
        if (!token) {
          const body = { name, description, serviceToken, expiry: lifetime.at(days), ...rights(values) };
          return request('post', '/api/v2/tokens', { body });
        }
        const body = replaced(
          { name: initial.name, description: initial.description, ...rights(initial) },
          { name, description, ...rights(values) },
        );
        return body.length > 0
          ? request('patch', '/api/v2/tokens/{id}', { path: { id: token._id }, body })
          : undefined;
      }}
      terraform={(values) =>
        terraform('access_token', values.name, {
          name: values.name,
          service_token: values.serviceToken,
          ...(values.kind === 'base'
            ? { role: values.role }
            : values.kind === 'roles'
              ? { custom_roles: values.customRoleIds }
              : { inline_roles: hclStatements(readPolicy(values.policy)) }),
        })
      }
    >
      {(form) => (
        <>
          <TextInput label={t('Name')} required data-autofocus {...form.getInputProps('name')} />
          <Textarea label={t('Description')} autosize {...form.getInputProps('description')} />
          <Stack gap={4}>
            <Text size="sm" fw={500}>
              {t('May do')}
            </Text>
            <SegmentedControl
              aria-label={t('May do')}
              style={{ alignSelf: 'flex-start' }}
              orientation={narrow ? 'vertical' : 'horizontal'}
              data={[
                { value: 'base', label: t('a base role') },
                { value: 'roles', label: t('own roles'), disabled: roles.length === 0 },
                { value: 'policy', label: t('a policy of its own') },
              ]}
              {...form.getInputProps('kind')}
            />
          </Stack>
          {form.getValues().kind === 'base' && (
            <Select
              label={t('Role')}
              data={['reader', 'writer', 'admin'].map((value) => ({ value, label: names[value] ?? value }))}
              {...form.getInputProps('role')}
            />
          )}
          {form.getValues().kind === 'roles' && (
            <MultiSelect
              label={t('Own roles')}
              searchable
              data={roles.map((one) => ({ value: one._id, label: one.name }))}
              {...form.getInputProps('customRoleIds')}
            />
          )}
          {form.getValues().kind === 'policy' && (
            <PolicyEditor
              value={form.getValues().policy}
              error={form.errors.policy?.toString()}
              onChange={(policy) => form.setFieldValue('policy', policy)}
            />
          )}
          {!token && (
            <>
              <Select label={t('It ends')} data={lifetime.data} {...form.getInputProps('days')} />
              <Checkbox
                label={t('Service token: it stays when you leave')}
                {...form.getInputProps('serviceToken', { type: 'checkbox' })}
              />
            </>
          )}
          <Text size="sm" c="dimmed">
            {t('It never does more than you may yourself.')}
          </Text>
        </>
      )}
    </EditDialog>
  );
}
