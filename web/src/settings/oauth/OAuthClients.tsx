import { IconApps } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask, type Schemas } from '~/api/client';
import { request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { MadeSecret } from '../MadeSecret';
import { NameCell } from '../NameCell';
import { ClientDialog } from './ClientDialog';

/** Programs that act for members who let them. */
export function OAuthClients() {
  const t = useText();
  const [made, setMade] = useState<string>();
  const done = (client: Schemas['Client']) => setMade(client._clientSecret);
  const query = useQuery({
    queryKey: ['account', 'oauth'],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/oauth/clients', { signal })),
  });
  return (
    <ListPage
      title={t('OAuth clients')}
      text={t('Programs that act for members who let them, with their rights and no more.')}
      icon={<EmptyIcon of={IconApps} />}
      empty={{
        title: t('No OAuth clients yet'),
        text: t('For programs of others that act in the name of whoever signs in there.'),
      }}
      notice={
        made && (
          <MadeSecret
            title={t('Copy the secret now: it is not shown again')}
            value={made}
            what={t('the secret')}
            close={() => setMade(undefined)}
          />
        )
      }
      query={query}
      id={(one) => one._clientId}
      name={(one) => one.name}
      words={(one) => one.redirectUri}
      create={{
        label: t('Create client'),
        needs: ['createOAuthClient', 'acct'],
        dialog: (close) => <ClientDialog close={close} done={done} />,
      }}
      edit={{
        needs: () => ['updateOAuthClient', 'acct'],
        dialog: (one, close) => <ClientDialog client={one} close={close} />,
      }}
      actions={[
        {
          label: t('Delete…'),
          danger: true,
          needs: () => ['deleteOAuthClient', 'acct'],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the client {name}?', { name: one.name })}
              text={t('It cannot act for anybody any more.')}
              itsKey={one.name}
              call={request('delete', '/api/v2/oauth/clients/{clientId}', {
                path: { clientId: one._clientId },
              })}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        { head: t('Client'), cell: (one) => <NameCell name={one.name} itsKey={one._clientId} /> },
        { head: t('About'), cell: (one) => one.description, dimmed: true, minor: true },
        { head: t('Sends people back to'), cell: (one) => <code>{one.redirectUri}</code>, minor: true },
        { head: t('Created'), cell: (one) => <Ago at={one._creationDate} />, minor: true },
      ]}
    />
  );
}
