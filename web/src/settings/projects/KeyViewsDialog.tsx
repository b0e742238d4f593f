import { Text } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import type { View } from '~/views/api';
import { ViewsSelect } from './ViewsSelect';

interface Props {
  project: string;
  env: Schemas['EnvironmentRep'];
  sdkKey: Schemas['SdkKey'];
  /** Of the project. */
  views: View[];
  close: () => void;
}

/** Holds a key to views, or lets it deliver everything again. */
export function KeyViewsDialog({ project, env, sdkKey, views, close }: Props) {
  const t = useText();
  const initial = { viewKeys: (sdkKey.viewSummaries ?? []).map(({ key }) => key) };
  return (
    <EditDialog
      draft={`sdk-key-views.${project}.${env.key}.${sdkKey.key}`}
      title={t('What {key} delivers', { key: sdkKey.name })}
      label={t('Save')}
      size="md"
      needs={['updateSdkKeyPayload', `proj/${project}:env/${env.key}:sdk-key/${sdkKey.key}`]}
      initial={initial}
      close={close}
      call={({ viewKeys }) =>
        viewKeys.join() === initial.viewKeys.join()
          ? undefined
          : request(
              'put',
              '/api/v2/projects/{projectKey}/environments/{environmentKey}/sdk-keys/{sdkKeyKey}/views',
              {
                path: { projectKey: project, environmentKey: env.key, sdkKeyKey: sdkKey.key },
                body: { viewKeys },
                beta: true,
              },
            )
      }
    >
      {(form) => (
        <>
          <ViewsSelect views={views} {...form.getInputProps('viewKeys')} />
          <Text size="sm" c="dimmed">
            {t('SDKs that are connected with it get the change at once.')}
          </Text>
        </>
      )}
    </EditDialog>
  );
}
