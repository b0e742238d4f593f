import { SegmentedControl } from '@mantine/core';
import { IconPackage } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '~/api/client';
import { BETA } from '~/api/request';
import { useText } from '~/i18n/text';
import { DataTable } from '~/ui/DataTable';
import { EmptyState } from '~/ui/EmptyState';
import { Panel } from '~/ui/Panel';
import { EmptyIcon } from '../EmptyIcon';
import { Listed } from '../Listed';

/** Which versions of SDKs are in use, and where. */
export function SdkVersions() {
  const t = useText();
  const [which, setWhich] = useState('newest');
  const query = useQuery({
    queryKey: ['account', 'sdk-versions', which],
    queryFn: ({ signal }) =>
      which === 'newest'
        ? ask(api.GET('/api/v2/usage/sdk-versions/details', { params: { header: BETA }, signal }))
        : ask(api.GET('/api/v2/usage/sdk-versions/all', { params: { header: BETA }, signal })),
    placeholderData: keepPreviousData,
  });
  return (
    <Panel
      flush
      title={t('SDKs in use')}
      text={t('Versions that were seen within a day, and where.')}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t('Which versions')}
          value={which}
          onChange={setWhich}
          data={[
            { value: 'newest', label: t('Newest') },
            { value: 'all', label: t('All versions') },
          ]}
        />
      }
    >
      <Listed query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState icon={<EmptyIcon of={IconPackage} />} title={t('No SDK was seen yet')} />
          ) : (
            <DataTable
              caption={t('SDKs in use')}
              rows={rows}
              id={(one) =>
                [one.name, one.version, one.environmentId, one.connectionType, one.applicationId].join(' ')
              }
              columns={[
                { head: t('SDK'), cell: (one) => one.name },
                { head: t('Version'), cell: (one) => <code>{one.version}</code> },
                {
                  head: t('Environment'),
                  cell: (one) => `${one.projectName} · ${one.environmentName}`,
                },
                { head: t('Application'), cell: (one) => one.applicationId || '–', minor: true },
              ]}
            />
          )
        }
      </Listed>
    </Panel>
  );
}
