import { Checkbox, TagsInput, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { send } from '~/api/client';
import { enc } from '~/api/flags';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { KEY } from '~/ui/keys';
import { NameAndKey } from '~/ui/NameAndKey';

export function CreateSegment({ project, env, close }: { project: string; env: string; close: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: '', key: '', description: '', tags: [] as string[], unbounded: false },
    validate: {
      name: (value) => (value.trim() ? null : t('Give the segment a name')),
      key: (value) => (KEY.test(value) ? null : t('Letters, digits, dots, dashes and underscores only')),
    },
  });
  const { values } = form;
  const path = `/api/v2/segments/${enc(project)}/${enc(env)}`;
  const body = {
    name: values.name,
    key: values.key,
    ...(values.description ? { description: values.description } : {}),
    tags: values.tags,
    ...(values.unbounded ? { unbounded: true, unboundedContextKind: 'user' } : {}),
  };
  const create = useMutation({
    mutationFn: () => send('POST', path, body),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['project', project, 'segments'] });
      void navigate({
        to: '/projects/$project/$env/segments/$segment',
        params: { project, env, segment: values.key },
      });
    },
  });
  return (
    <FormDialog
      title={t('Create a segment')}
      label={t('Create segment')}
      close={close}
      submit={() => form.onSubmit(() => create.mutate())()}
      pending={create.isPending}
      error={create.error}
      aside={<CopyAs call={{ method: 'POST', path, body }} />}
    >
      <NameAndKey
        name={values.name}
        itsKey={values.key}
        nameError={form.errors.name as string}
        keyError={form.errors.key as string}
        onChange={({ name, key }) => form.setValues({ name, key })}
      />
      <Textarea label={t('Description')} autosize minRows={2} {...form.getInputProps('description')} />
      <TagsInput label={t('Tags')} {...form.getInputProps('tags')} />
      <Checkbox
        label={t('Big: tens of thousands of keys and more, from a file')}
        description={t('Its members are kept apart, and SDKs ask for them one by one.')}
        {...form.getInputProps('unbounded', { type: 'checkbox' })}
      />
    </FormDialog>
  );
}
