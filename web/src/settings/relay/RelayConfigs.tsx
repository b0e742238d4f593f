import { Select, Text } from '@mantine/core';
import { IconRouter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask, type Schemas } from '~/api/client';
import { request } from '~/api/request';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useGrace } from '~/forms/useExpiries';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { Person } from '~/ui/Person';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { MadeSecret } from '../MadeSecret';
import { NameCell } from '../NameCell';
import { readPolicy } from '../roles/policy';
import { useStatementWords } from '../roles/useStatementWords';
import { RelayDialog } from './RelayDialog';

type Config = Schemas['RelayAutoConfigRep'];

/** Which environments Relay Proxies serve, and the keys they ask with. */
export function RelayConfigs() {
  const t = useText();
  const words = useStatementWords();
  const [made, setMade] = useState<string>();
  const done = (config: Config) => setMade(config.fullKey);
  const query = useQuery({
    queryKey: ['account', 'relay'],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/account/relay-auto-configs', { signal })),
  });
  const at = (one: Config) => `relay-proxy-config/${one._id}`;
  return (
    <ListPage
      title={t('Relay Proxies')}
      text={t('A relay close to your SDKs asks with one key, and is told which environments it serves.')}
      icon={<EmptyIcon of={IconRouter} />}
      empty={{
        title: t('No relay configurations yet'),
        text: t('A relay serves SDKs close to them, also while this server is away.'),
      }}
      notice={
        made && (
          <MadeSecret
            title={t('Copy the key now: it is not shown again')}
            value={`WIGWAG_RELAY_AUTO_CONFIG_KEY=${made} \\\n  wigwag relay --upstream ${location.origin}`}
            what={t('the command with the key')}
            close={() => setMade(undefined)}
          />
        )
      }
      query={query}
      id={(one) => one._id}
      name={(one) => one.name}
      create={{
        label: t('Create configuration'),
        needs: ['createRelayAutoConfiguration', 'relay-proxy-config/*'],
        dialog: (close) => <RelayDialog close={close} done={done} />,
      }}
      edit={{
        needs: (one) => ['updateRelayAutoConfigurationPolicy', at(one)],
        dialog: (one, close) => <RelayDialog config={one} close={close} />,
      }}
      actions={[
        {
          label: t('New key…'),
          needs: (one) => ['resetRelayAutoConfiguration', at(one)],
          dialog: (one, close) => <ResetKey config={one} close={close} done={done} />,
        },
        {
          label: t('Delete…'),
          danger: true,
          needs: (one) => ['deleteRelayAutoConfiguration', at(one)],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the configuration {name}?', { name: one.name })}
              text={t('Relays that use its key serve nothing any more.')}
              itsKey={one.name}
              call={request('delete', '/api/v2/account/relay-auto-configs/{id}', { path: { id: one._id } })}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        {
          head: t('Configuration'),
          width: '24%',
          cell: (one) => <NameCell name={one.name} itsKey={`…${one.displayKey}`} />,
        },
        {
          head: t('Serves'),
          cell: (one) =>
            (readPolicy(JSON.stringify(one.policy)) ?? []).map((statement, index) => (
              <Text size="sm" key={index}>
                {words(statement)}
              </Text>
            )),
        },
        { head: t('Made by'), cell: (one) => <Person of={one._creator} />, minor: true },
        { head: t('Created'), cell: (one) => <Ago at={one.creationDate} />, minor: true },
      ]}
    />
  );
}

function ResetKey({
  config,
  close,
  done,
}: {
  config: Config;
  close: () => void;
  done: (config: Config) => void;
}) {
  const t = useText();
  const grace = useGrace();
  const [hours, setHours] = useState('24');
  return (
    <ConfirmDialog
      title={t('Give {name} a new key?', { name: config.name })}
      text={t('The new key is shown once.')}
      label={t('New key')}
      danger
      call={request('post', '/api/v2/account/relay-auto-configs/{id}/reset', {
        path: { id: config._id },
        query: { expiry: grace.at(hours) },
      })}
      close={close}
      done={done}
    >
      <Select
        label={t('The old key goes on working')}
        data={grace.data}
        value={hours}
        onChange={(value) => setHours(value ?? '24')}
      />
    </ConfirmDialog>
  );
}
