import { Alert, Badge, Button, Checkbox, Select, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask, type Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { CodeBlock } from '~/ui/CodeBlock';
import { ConfirmByKey } from '~/ui/ConfirmByKey';
import { CopyAs } from '~/ui/CopyAs';
import { DataTable } from '~/ui/DataTable';
import { FormDialog } from '~/ui/FormDialog';
import { Panel } from '~/ui/Panel';
import { Person } from '~/ui/Person';
import { Listed } from './Listed';
import { useRoleNames } from './useRoleNames';
import { useSend } from './useSend';

type Token = Schemas['TokenRep'];

export function Tokens() {
  const t = useText();
  const roles = useRoleNames();
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<string>();
  const [removing, setRemoving] = useState<Token>();
  const query = useQuery({
    queryKey: ['account', 'tokens'],
    queryFn: () => ask(api.GET('/api/v2/tokens', { params: { query: { showAll: true } } })),
  });
  const remove = useSend('DELETE', () => setRemoving(undefined));
  return (
    <Panel
      flush
      title={t('Access tokens')}
      text={t('For programs that use the REST API, such as scripts and Terraform.')}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
          {t('Create token')}
        </Button>
      }
    >
      {made && (
        <Alert
          color="sea"
          m="md"
          title={t('Copy the token now: it is not shown again')}
          withCloseButton
          closeButtonLabel={t('Close')}
          onClose={() => setMade(undefined)}
        >
          <CodeBlock text={made} what={t('the token')} />
        </Alert>
      )}
      <Listed query={query}>
        {({ items = [] }) => (
          <DataTable
            caption={t('Access tokens')}
            rows={items}
            id={(one) => one._id}
            columns={[
              {
                head: t('Token'),
                cell: (one) => (
                  <>
                    <Text size="sm" fw={580}>
                      {one.name || t('without a name')}
                    </Text>
                    <Text size="xs" c="dimmed" className="mono">
                      …{one.token.slice(-4)}
                    </Text>
                  </>
                ),
              },
              {
                head: t('May do'),
                cell: (one) => (
                  <Badge color="gray">
                    {one.role ? (roles[one.role] ?? one.role) : t('what its roles allow')}
                  </Badge>
                ),
              },
              {
                head: t('Of'),
                cell: (one) =>
                  one.serviceToken ? <Badge color="gray">{t('service')}</Badge> : <Person of={one._member} />,
                minor: true,
              },
              { head: t('Created'), cell: (one) => <Ago at={one.creationDate} />, minor: true },
              { head: t('Last used'), cell: (one) => <Ago at={one.lastUsed} /> },
              {
                head: t('Actions'),
                end: true,
                cell: (one) => (
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    color="gray"
                    onClick={() => setRemoving(one)}
                    aria-label={t('Delete {what}', { what: one.name })}
                  >
                    {t('Delete…')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Listed>
      {creating && <CreateToken close={() => setCreating(false)} made={setMade} />}
      {removing && (
        <ConfirmByKey
          title={t('Delete the token {token}?', { token: removing.name })}
          text={t('Programs that use it are refused at once.')}
          itsKey={removing.name}
          label={t('Delete')}
          pending={remove.isPending}
          error={remove.error}
          close={() => setRemoving(undefined)}
          submit={() => remove.mutate({ path: `/api/v2/tokens/${removing._id}` })}
        />
      )}
    </Panel>
  );
}

function CreateToken({ close, made }: { close: () => void; made: (token: string) => void }) {
  const t = useText();
  const roles = useRoleNames();
  const form = useForm({ initialValues: { name: '', role: 'reader', serviceToken: false } });
  const path = '/api/v2/tokens';
  const create = useSend<Token>('POST', (token) => {
    made(token.token);
    close();
  });
  return (
    <FormDialog
      title={t('Create an access token')}
      label={t('Create token')}
      size="md"
      close={close}
      submit={() => create.mutate({ path, body: form.values })}
      pending={create.isPending}
      error={create.error}
      disabled={form.values.name.trim() === ''}
      aside={<CopyAs call={{ method: 'POST', path, body: form.values }} />}
    >
      <TextInput label={t('Name')} required data-autofocus {...form.getInputProps('name')} />
      <Select
        label={t('Role')}
        data={['reader', 'writer', 'admin'].map((value) => ({ value, label: roles[value] ?? value }))}
        {...form.getInputProps('role')}
      />
      <Checkbox
        label={t('Service token: it stays when you leave')}
        {...form.getInputProps('serviceToken', { type: 'checkbox' })}
      />
    </FormDialog>
  );
}
