import { Select } from '@mantine/core';
import { request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { LINK, onView, type Linkable, type View } from './api';

interface Props {
  project: string;
  kind: Linkable;
  one: { resourceKey: string; environmentId?: string };
  /** Those that it is not in. */
  views: View[];
  close: () => void;
}

/** Puts a flag or a segment into one more view. */
export function AddToView({ project, kind, one, views, close }: Props) {
  const t = useText();
  const { resourceKey, environmentId = '' } = one;
  return (
    <EditDialog
      draft={`view-add.${project}.${kind}.${environmentId}.${resourceKey}`}
      title={t('Add {what} to a view', { what: resourceKey })}
      label={t('Add')}
      size="md"
      initial={{ view: views.length === 1 ? (views[0]?.key ?? '') : '' }}
      needs={onView(LINK[kind], project)}
      close={close}
      call={({ view }) =>
        view === ''
          ? undefined
          : request('post', '/api/v2/projects/{projectKey}/views/{viewKey}/link/{resourceType}', {
              path: { projectKey: project, viewKey: view, resourceType: kind },
              body:
                kind === 'flags'
                  ? { keys: [resourceKey] }
                  : { segmentIdentifiers: [{ environmentId, segmentKey: resourceKey }] },
            })
      }
    >
      {(form) => (
        <Select
          label={t('Add to')}
          searchable
          data-autofocus
          data={views.map((view) => ({ value: view.key, label: view.name }))}
          {...form.getInputProps('view')}
        />
      )}
    </EditDialog>
  );
}
