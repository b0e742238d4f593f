import { Badge, Group } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useRoleNames } from '~/access/useRoleNames';
import { rolesQuery } from '~/api/account';
import { api, ask, type Schemas } from '~/api/client';
import { everything } from '~/api/everything';
import { request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { Person } from '~/ui/Person';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { MadeSecret } from '../MadeSecret';
import { NameCell } from '../NameCell';
import { ResetToken } from './ResetToken';
import { TokenDialog } from './TokenDialog';

type Token = Schemas['TokenRep'];

/** A token as policies name it. */
export function tokenResource(token: Token): string {
  return token.serviceToken ? `service-token/${token._id}` : `member/${token.memberId}:token/${token._id}`;
}

export function Tokens() {
  const t = useText();
  const [made, setMade] = useState<string>();
  const query = useQuery({
    queryKey: ['account', 'tokens'],
    queryFn: ({ signal }) =>
      everything((page) =>
        ask(api.GET('/api/v2/tokens', { params: { query: { ...page, showAll: true } }, signal })),
      ),
  });
  const done = (token: Token) => setMade(token.token);
  return (
    <ListPage
      title={t('Access tokens')}
      text={t('For programs that use the REST API, such as scripts and Terraform.')}
      icon={<EmptyIcon of={IconKey} />}
      empty={{ title: t('No access tokens yet') }}
      notice={
        made && (
          <MadeSecret
            title={t('Copy the token now: it is not shown again')}
            value={made}
            what={t('the token')}
            close={() => setMade(undefined)}
          />
        )
      }
      query={query}
      id={(one) => one._id}
      name={(one) => one.name || t('without a name')}
      words={(one) => `${one.description ?? ''} ${one._member?.email ?? ''}`}
      create={{
        label: t('Create token'),
        dialog: (close) => <TokenDialog close={close} done={done} />,
      }}
      edit={{
        needs: (one) => ['updateAccessTokenName', tokenResource(one)],
        dialog: (one, close) => <TokenDialog token={one} close={close} />,
      }}
      actions={[
        {
          label: t('New value…'),
          needs: (one) => ['resetAccessToken', tokenResource(one)],
          dialog: (one, close) => <ResetToken token={one} close={close} done={done} />,
        },
        {
          label: t('Delete…'),
          danger: true,
          needs: (one) => ['deleteAccessToken', tokenResource(one)],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the token {token}?', { token: one.name || one._id })}
              text={t('Programs that use it are refused at once.')}
              itsKey={one.name || one._id}
              call={request('delete', '/api/v2/tokens/{id}', { path: { id: one._id } })}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        {
          head: t('Token'),
          width: '24%',
          cell: (one) => (
            <NameCell
              name={one.name || t('without a name')}
              itsKey={
                <>
                  …{one.token.slice(-4)} · <Ago at={one.creationDate} />
                </>
              }
            />
          ),
        },
        { head: t('May do'), cell: (one) => <MayDo token={one} /> },
        {
          head: t('Of'),
          cell: (one) =>
            one.serviceToken ? <Badge color="gray">{t('service')}</Badge> : <Person of={one._member} />,
          minor: true,
        },
        { head: t('Last used'), cell: (one) => <Ago at={one.lastUsed} />, minor: true },
        { head: t('Ends'), cell: (one) => <Ago at={one.expiry} />, minor: true },
      ]}
    />
  );
}

function MayDo({ token }: { token: Token }) {
  const t = useText();
  const names = useRoleNames();
  const roles = useQuery(rolesQuery).data?.items;
  const own = token.customRoleIds?.map(
    (id) => roles?.find((role) => role._id === id || role.key === id)?.name ?? id,
  );
  const words = token.inlineRole
    ? [t('own policy')]
    : token.role
      ? [names[token.role] ?? token.role]
      : (own ?? []);
  return (
    <Group gap={4}>
      {words.map((word) => (
        <Badge key={word} color={token.role === 'admin' ? 'sea' : 'gray'}>
          {word}
        </Badge>
      ))}
    </Group>
  );
}
