import { Checkbox, TagsInput, Textarea } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { request } from '~/api/request';
import { MaintainerSelect, useSayMaintainer } from '~/flags/MaintainerSelect';
import { EditDialog } from '~/forms/EditDialog';
import { NameAndKeyOf, useNameAndKeyErrors } from '~/forms/NameAndKeyOf';
import { useText } from '~/i18n/text';
import type { Place } from '~/api/types';
import { terraform } from '~/ui/terraform';
import { onView, type View } from './api';
import { viewPatch, viewValues, type ViewValues } from './values';

/** Creates or changes a view; what is in it is said on its page. */
export function ViewDialog({ place, view, close }: { place: Place; view?: View; close: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const errors = useNameAndKeyErrors();
  const say = useSayMaintainer();
  const { project } = place;
  const initial = viewValues(view);
  return (
    <EditDialog
      draft={`view.${project}.${view?.key ?? ''}`}
      title={view ? t('Edit {what}', { what: view.name }) : t('Create a view')}
      label={view ? t('Save') : t('Create view')}
      needs={onView(view ? 'updateView' : 'createView', project, view?.key)}
      initial={initial}
      validate={errors}
      close={close}
      say={say}
      call={(values) => {
        const path = { projectKey: project };
        const body = viewPatch(initial, values);
        if (!view) {
          const { name, key } = values;
          return request('post', '/api/v2/projects/{projectKey}/views', {
            path,
            body: { ...body, name, key },
          });
        }
        if (Object.keys(body).length === 0) return undefined;
        return request('patch', '/api/v2/projects/{projectKey}/views/{viewKey}', {
          path: { ...path, viewKey: view.key },
          body,
        });
      }}
      terraform={(values) => viewTerraform(project, values)}
      done={(made: { key: string }) =>
        void (
          !view &&
          navigate({ to: '/projects/$project/$env/views/$view', params: { ...place, view: made.key } })
        )
      }
    >
      {(form) => (
        <>
          <NameAndKeyOf form={form} fixed={view !== undefined} />
          <Textarea label={t('Description')} autosize minRows={2} {...form.getInputProps('description')} />
          <TagsInput label={t('Tags')} {...form.getInputProps('tags')} />
          <MaintainerSelect
            value={form.getValues().maintainer}
            placeholder={view ? undefined : t('you')}
            change={(maintainer) => form.setFieldValue('maintainer', maintainer)}
          />
          <Checkbox
            label={t('It is meant to have SDK keys of its own')}
            description={t('A note for those who read it: keys are made in the settings of the project.')}
            {...form.getInputProps('sdkKeys', { type: 'checkbox' })}
          />
        </>
      )}
    </EditDialog>
  );
}

function viewTerraform(project: string, { key, name, description, tags, maintainer }: ViewValues) {
  return terraform('view', key, {
    project_key: project,
    key,
    name,
    description: description || undefined,
    tags,
    maintainer_id: maintainer.member ?? undefined,
    maintainer_team_key: maintainer.team ?? undefined,
  });
}
