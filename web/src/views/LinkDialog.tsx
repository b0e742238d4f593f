import { Alert, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useText } from '~/i18n/text';
import type { Place } from '~/api/types';
import { request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useEnvironments } from '~/shell/place';
import { terraform } from '~/ui/terraform';
import { LINK, onView, type Linkable, type View } from './api';
import { FilterPreview } from './FilterPreview';
import { linkBody, type LinkValues } from './linkBody';
import { PickKeys } from './PickKeys';

interface Props {
  kind: Linkable;
  view: View;
  place: Place;
  close: () => void;
}

/** Puts flags or segments into a view: those that are named, or all that a filter finds. */
export function LinkDialog({ kind, view, place, close }: Props) {
  const t = useText();
  const { project } = place;
  const environments = useEnvironments(project);
  const initial: LinkValues = { by: 'keys', env: place.env, keys: [], filter: '' };
  const idOf = (env: string) => environments.find((one) => one.key === env)?._id ?? '';
  const flags = kind === 'flags';
  return (
    <EditDialog
      draft={`view-links.${project}.${view.key}.${kind}`}
      title={
        flags
          ? t('Link flags to {view}', { view: view.name })
          : t('Link segments to {view}', { view: view.name })
      }
      label={t('Link')}
      needs={onView(LINK[kind], project, view.key)}
      initial={initial}
      close={close}
      call={(values) => {
        const body = linkBody(kind, values, idOf(values.env));
        return (
          body &&
          request('post', '/api/v2/projects/{projectKey}/views/{viewKey}/link/{resourceType}', {
            path: { projectKey: project, viewKey: view.key, resourceType: kind },
            body,
          })
        );
      }}
      terraform={(values) => linkTerraform(kind, view, values, idOf(values.env))}
    >
      {(form) => {
        const values = form.getValues();
        return (
          <>
            {view._affectsSdkPayload && (
              <Alert color="yellow" variant="light">
                {t('SDK keys that are held to this view deliver what you link at once.')}
              </Alert>
            )}
            <SegmentedControl
              aria-label={t('How to choose')}
              style={{ alignSelf: 'flex-start' }}
              data={[
                { value: 'keys', label: t('By name') },
                { value: 'filter', label: t('By filter') },
              ]}
              {...form.getInputProps('by')}
            />
            {!flags && (
              <Select
                label={t('Environment')}
                data={environments.map((one) => ({ value: one.key, label: one.name }))}
                value={values.env}
                onChange={(env) => form.setValues({ env: env ?? place.env, keys: [] })}
              />
            )}
            {values.by === 'keys' ? (
              <PickKeys
                key={values.env}
                kind={kind}
                place={{ project, env: values.env }}
                error={form.errors.keys?.toString()}
                value={values.keys}
                change={(keys) => form.setFieldValue('keys', keys)}
              />
            ) : (
              <>
                <TextInput
                  label={t('Filter')}
                  description={t(
                    'As the address of the list has it. What comes later is not linked by itself.',
                  )}
                  placeholder={flags ? 'tags:checkout,type:temporary' : 'tags anyOf ["crm"]'}
                  classNames={{ input: 'mono' }}
                  {...form.getInputProps('filter')}
                />
                <FilterPreview kind={kind} place={{ project, env: values.env }} filter={values.filter} />
              </>
            )}
          </>
        );
      }}
    </EditDialog>
  );
}

function linkTerraform(kind: Linkable, view: View, { by, keys, filter }: LinkValues, environmentId: string) {
  const at = { project_key: view.projectKey, view_key: view.key };
  if (by === 'filter') {
    const given =
      kind === 'flags'
        ? { flag_filter: filter }
        : { segment_filter: filter, segment_filter_environment_id: environmentId };
    return terraform('view_filter_links', view.key, { ...at, ...given });
  }
  const segments = keys.map((key) => ({ environment_id: environmentId, segment_key: key }));
  return terraform('view_links', view.key, { ...at, ...(kind === 'flags' ? { flags: keys } : { segments }) });
}
