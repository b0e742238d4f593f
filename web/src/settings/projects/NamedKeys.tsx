import { Badge, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import { RowButton } from '~/access/RowButton';
import { api, ask, type Schemas } from '~/api/client';
import { BETA, request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { Secret } from '~/ui/Secret';
import { viewsQuery } from '~/views/api';
import { KeyViewsDialog } from './KeyViewsDialog';
import { NamedKeyDialog } from './NamedKeyDialog';

type SdkKey = Schemas['SdkKey'];

/** Further keys of an environment, each with a name of its own: one a service, so that each ends alone. */
export function NamedKeys({ project, env }: { project: string; env: Schemas['EnvironmentRep'] }) {
  const t = useText();
  const [editing, setEditing] = useState<SdkKey | 'new'>();
  const [removing, setRemoving] = useState<SdkKey>();
  const [holding, setHolding] = useState<SdkKey>();
  const views = useQuery(viewsQuery(project)).data?.items ?? [];
  const path = { projectKey: project, environmentKey: env.key };
  const query = useQuery({
    queryKey: ['account', 'sdk-keys', project, env.key],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/projects/{projectKey}/environments/{environmentKey}/sdk-keys', {
          params: { path, header: BETA, query: { limit: 100, expand: 'viewSummaries' } },
          signal,
        }),
      ),
  });
  const keys = (query.data?.items ?? []).filter((one) => !one.isDefault);
  const at = `proj/${project}:env/${env.key}:sdk-key`;
  return (
    <Stack gap={8} mt="sm">
      {keys.map((one) => (
        <Group gap="xs" key={one.key}>
          <Text size="sm" w={120} truncate title={one.name}>
            {one.name}
          </Text>
          <Secret value={one.value} label={one.name} />
          <Badge color="gray">{one.kind === 'mobile' ? t('mobile') : t('server')}</Badge>
          {one.viewSummaries?.map((view) => (
            <Badge key={view.key} title={t('It delivers only what is in this view')}>
              {t('only {view}', { view: view.name })}
            </Badge>
          ))}
          {one.expiry && (
            <Badge color="gray">
              {t('ends')} <Ago at={one.expiry} />
            </Badge>
          )}
          <RowButton
            quiet
            needs={['updateSdkKey', `${at}/${one.key}`]}
            onClick={() => setEditing(one)}
            label={t('Edit {what}', { what: one.name })}
          >
            {t('Edit')}
          </RowButton>
          {views.length > 0 && (
            <RowButton
              quiet
              needs={['updateSdkKeyPayload', `${at}/${one.key}`]}
              onClick={() => setHolding(one)}
              label={t('Choose what {what} delivers', { what: one.name })}
            >
              {t('Delivers…')}
            </RowButton>
          )}
          <RowButton
            quiet
            needs={['deleteSdkKey', `${at}/${one.key}`]}
            onClick={() => setRemoving(one)}
            label={t('Delete {what}', { what: one.name })}
          >
            {t('Delete…')}
          </RowButton>
        </Group>
      ))}
      <ActButton
        quiet
        needs={['createSdkKey', `${at}/*`]}
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        px={0}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => setEditing('new')}
        aria-label={t('Add a key by name to {env}', { env: env.name })}
      >
        {t('Add a key by name')}
      </ActButton>
      {editing && (
        <NamedKeyDialog
          project={project}
          env={env}
          sdkKey={editing === 'new' ? undefined : editing}
          views={views}
          close={() => setEditing(undefined)}
        />
      )}
      {holding && (
        <KeyViewsDialog
          project={project}
          env={env}
          sdkKey={holding}
          views={views}
          close={() => setHolding(undefined)}
        />
      )}
      {removing && (
        <RemoveDialog
          title={t('Delete the key {key}?', { key: removing.name })}
          text={t('SDKs that use it are refused at once.')}
          itsKey={removing.key}
          call={request(
            'delete',
            '/api/v2/projects/{projectKey}/environments/{environmentKey}/sdk-keys/{sdkKeyKey}',
            { path: { ...path, sdkKeyKey: removing.key }, beta: true },
          )}
          close={() => setRemoving(undefined)}
        />
      )}
    </Stack>
  );
}
