import { Stack, Switch, Text } from '@mantine/core';
import { IconNetwork } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '~/access/useMay';
import type { Needs } from '~/access/questions';
import { api, ask, type Schemas } from '~/api/client';
import { BETA, request } from '~/api/request';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { Panel } from '~/ui/Panel';
import { EmptyIcon } from '../EmptyIcon';
import { Listed } from '../Listed';
import { ListPage } from '../ListPage';
import { NameCell } from '../NameCell';
import { AddressDialog } from './AddressDialog';

const MAY_SWITCH: Needs = ['updateIpAllowlistEnabled', 'ip-allowlist'];

/** From where the API and this console can be reached. */
export function IpAllowlist() {
  const t = useText();
  const query = useQuery({
    queryKey: ['account', 'allowlist'],
    queryFn: async ({ signal }) => {
      const params = { header: BETA, query: { limit: 100 } };
      const list = await ask(api.GET('/api/v2/account/ip-allowlist', { params, signal }));
      return { ...list, items: list.entries };
    },
  });
  return (
    <>
      <Panel
        title={t('IP allowlist')}
        text={t('From which networks this account can be reached. SDKs are not concerned.')}
      >
        <Listed query={query}>{(list) => <Switches list={list} />}</Listed>
      </Panel>
      <ListPage
        title={t('Allowed addresses')}
        text={t('Single addresses, or networks such as 203.0.113.0/24.')}
        icon={<EmptyIcon of={IconNetwork} />}
        empty={{
          title: t('No addresses yet'),
          text: t('Add those of your own before you switch the list on.'),
        }}
        query={query}
        id={(one) => one._id}
        name={(one) => one.ipAddress}
        words={(one) => one.description ?? ''}
        create={{
          label: t('Add address'),
          needs: ['createIpAllowlistEntry', 'ip-allowlist'],
          dialog: (close) => <AddressDialog close={close} />,
        }}
        edit={{
          needs: () => ['updateIpAllowlistEntry', 'ip-allowlist'],
          dialog: (one, close) => <AddressDialog entry={one} close={close} />,
        }}
        actions={[
          {
            label: t('Delete…'),
            danger: true,
            needs: () => ['deleteIpAllowlistEntry', 'ip-allowlist'],
            dialog: (one, close) => (
              <RemoveDialog
                title={t('Delete the address {address}?', { address: one.ipAddress })}
                text={t('While the list is on, nobody gets in from there any more.')}
                itsKey={one.ipAddress}
                call={request('delete', '/api/v2/account/ip-allowlist/{id}', {
                  path: { id: one._id },
                  beta: true,
                })}
                close={close}
              />
            ),
          },
        ]}
        columns={[
          {
            head: t('Address'),
            cell: (one) => <NameCell name={<span className="mono">{one.ipAddress}</span>} />,
          },
          {
            head: t('About'),
            cell: (one) => (
              <Text size="sm" c="dimmed">
                {one.description}
              </Text>
            ),
          },
          { head: t('Created'), cell: (one) => <Ago at={one._createdAt} />, minor: true },
        ]}
      />
    </>
  );
}

function Switches({ list }: { list: Schemas['IpAllowlistResponse'] }) {
  const t = useText();
  const { allowed } = useMay(MAY_SWITCH);
  const [asking, setAsking] = useState<{ name: string; field: 'sessions' | 'tokens'; on: boolean }>();
  const rows = [
    { field: 'sessions', name: t('for people who sign in'), on: list.sessionAllowlistEnabled },
    { field: 'tokens', name: t('for access tokens'), on: list.apiTokenAllowlistEnabled },
  ] as const;
  return (
    <Stack gap="sm">
      {rows.map(({ field, name, on }) => (
        <Switch
          key={field}
          label={t('On {whom}', { whom: name })}
          checked={on}
          disabled={allowed !== true}
          onChange={() => setAsking({ field, name, on: !on })}
        />
      ))}
      {asking && (
        <ConfirmDialog
          title={
            asking.on
              ? t('Switch the allowlist on {whom}?', { whom: asking.name })
              : t('Switch the allowlist off {whom}?', { whom: asking.name })
          }
          text={
            asking.on
              ? t('Who comes from another address is refused at once. Make sure that yours is in the list.')
              : t('They can then come from anywhere.')
          }
          label={asking.on ? t('Switch on') : t('Switch off')}
          danger
          needs={MAY_SWITCH}
          call={request('patch', '/api/v2/account/ip-allowlist', {
            body:
              asking.field === 'sessions'
                ? { sessionAllowlistEnabled: asking.on }
                : { apiTokenAllowlistEnabled: asking.on },
            beta: true,
          })}
          close={() => setAsking(undefined)}
        />
      )}
    </Stack>
  );
}
