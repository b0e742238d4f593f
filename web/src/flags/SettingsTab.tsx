import { Button, Checkbox, Group, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { tagsQuery } from '~/api/account';
import { patchFlag } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { notifyDone, notifyFailed } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { useWords } from '~/ui/useWords';
import { InViews } from '~/views/InViews';
import { aboutInstructions, aboutOf } from './about';
import { FlagDanger } from './FlagDanger';
import { MaintainerSelect } from './MaintainerSelect';

interface Props {
  project: string;
  env: string;
  flag: Flag;
}

export function SettingsTab({ project, env, flag }: Props) {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const tags = useQuery(tagsQuery);
  const form = useForm({ initialValues: aboutOf(flag) });
  const instructions = aboutInstructions(aboutOf(flag), form.values);
  const save = useMutation({
    mutationFn: () => patchFlag(project, flag.key, { instructions }),
    onSuccess: (saved) => {
      form.setValues(aboutOf(saved));
      void queries.invalidateQueries({ queryKey: ['project', project] });
      notifyDone(t('Saved'));
    },
    onError: (error) => notifyFailed(words(error)),
  });
  return (
    <>
      <Panel title={t('About this flag')}>
        <form onSubmit={form.onSubmit(() => save.mutate())}>
          <Stack gap="md" maw={640}>
            <TextInput label={t('Name')} required {...form.getInputProps('name')} />
            <Textarea label={t('Description')} autosize minRows={2} {...form.getInputProps('description')} />
            <TagsInput label={t('Tags')} data={tags.data?.items ?? []} {...form.getInputProps('tags')} />
            <MaintainerSelect
              member={form.values.member}
              team={form.values.team}
              change={(next) => form.setValues(next)}
            />
            <Stack gap={8}>
              <Text size="sm" fw={500}>
                {t('Visible to')}
              </Text>
              <Checkbox
                label={t('Client-side SDKs (JavaScript)')}
                {...form.getInputProps('client', { type: 'checkbox' })}
              />
              <Checkbox label={t('Mobile SDKs')} {...form.getInputProps('mobile', { type: 'checkbox' })} />
            </Stack>
            <Checkbox
              label={t('Temporary: it is to be removed from code one day')}
              {...form.getInputProps('temporary', { type: 'checkbox' })}
            />
            <Group>
              <Button type="submit" disabled={instructions.length === 0} loading={save.isPending}>
                {t('Save')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Panel>
      <InViews place={{ project, env }} kind="flags" itsKey={flag.key} />
      <FlagDanger project={project} env={env} flag={flag} />
    </>
  );
}
