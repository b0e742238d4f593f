import { Checkbox, Select, TagsInput, Textarea } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { onSegment } from '~/access/places';
import { ApiError } from '~/api/errors';
import { request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { NameAndKeyOf, useNameAndKeyErrors } from '~/forms/NameAndKeyOf';
import { useText } from '~/i18n/text';
import { useKinds } from '~/targeting/useKinds';
import { terraform } from '~/ui/terraform';
import { InViewsField } from '~/views/InViewsField';

const FIRST = {
  name: '',
  key: '',
  description: '',
  tags: [] as string[],
  views: [] as string[],
  unbounded: false,
  kind: 'user',
};

export function CreateSegment({ project, env, close }: { project: string; env: string; close: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const errors = useNameAndKeyErrors();
  const kinds = useKinds(project);
  return (
    <EditDialog
      draft={`segment.${project}.${env}`}
      title={t('Create a segment')}
      label={t('Create segment')}
      needs={onSegment('createSegment', project, env)}
      initial={FIRST}
      validate={errors}
      close={close}
      about={(error) =>
        error instanceof ApiError && error.status === 409
          ? { field: 'key', text: t('There is a segment with this key') }
          : undefined
      }
      call={({ name, key, description, tags, views, unbounded, kind }) =>
        request('post', '/api/v2/segments/{projectKey}/{environmentKey}', {
          path: { projectKey: project, environmentKey: env },
          body: {
            name,
            key,
            tags,
            ...(description && { description }),
            ...(views.length > 0 && { viewKeys: views }),
            ...(unbounded && { unbounded, unboundedContextKind: kind }),
          },
        })
      }
      terraform={({ name, key, description, tags, views, unbounded, kind }) =>
        terraform('segment', `${env}_${key}`, {
          project_key: project,
          env_key: env,
          key,
          name,
          description: description || undefined,
          tags,
          view_keys: views.length > 0 ? views : undefined,
          ...(unbounded && { unbounded, unbounded_context_kind: kind }),
        })
      }
      done={({ key: segment }: { key: string }) =>
        void navigate({
          to: '/projects/$project/$env/segments/$segment',
          params: { project, env, segment },
        })
      }
    >
      {(form) => (
        <>
          <NameAndKeyOf form={form} fixed={false} />
          <Textarea label={t('Description')} autosize minRows={2} {...form.getInputProps('description')} />
          <TagsInput label={t('Tags')} {...form.getInputProps('tags')} />
          <InViewsField project={project} {...form.getInputProps('views')} />
          <Checkbox
            label={t('Big: tens of thousands of keys and more, from a file')}
            description={t('Its members are kept apart, and SDKs ask for them one by one.')}
            {...form.getInputProps('unbounded', { type: 'checkbox' })}
          />
          {form.getValues().unbounded && (
            <Select label={t('Kind of context')} data={kinds} {...form.getInputProps('kind')} />
          )}
        </>
      )}
    </EditDialog>
  );
}
