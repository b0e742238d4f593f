import { Textarea, TextInput } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';

type Client = Schemas['Client'];

interface Props {
  client?: Client;
  close: () => void;
  done?: (client: Client) => void;
}

/** Creates or changes an OAuth client. */
export function ClientDialog({ client, close, done }: Props) {
  const t = useText();
  const initial = {
    name: client?.name ?? '',
    description: client?.description ?? '',
    redirectUri: client?.redirectUri ?? 'https://',
  };
  return (
    <EditDialog
      draft={`oauth.${client?._clientId ?? ''}`}
      title={client ? t('Edit {what}', { what: client.name }) : t('Create an OAuth client')}
      label={client ? t('Save') : t('Create client')}
      needs={[client ? 'updateOAuthClient' : 'createOAuthClient', 'acct']}
      initial={initial}
      close={close}
      done={done}
      validate={({ name, redirectUri }) => ({
        ...(name.trim() ? {} : { name: t('Give it a name') }),
        ...(URL.canParse(redirectUri) ? {} : { redirectUri: t('An address that begins with https://') }),
      })}
      call={(values) => {
        if (!client) return request('post', '/api/v2/oauth/clients', { body: values });
        const body = replaced(initial, values);
        return body.length > 0
          ? request('patch', '/api/v2/oauth/clients/{clientId}', {
              path: { clientId: client._clientId },
              body,
            })
          : undefined;
      }}
    >
      {(form) => (
        <>
          <TextInput label={t('Name')} required data-autofocus {...form.getInputProps('name')} />
          <Textarea label={t('Description')} autosize {...form.getInputProps('description')} />
          <TextInput
            label={t('Sends people back to')}
            type="url"
            required
            classNames={{ input: 'mono' }}
            {...form.getInputProps('redirectUri')}
          />
        </>
      )}
    </EditDialog>
  );
}
