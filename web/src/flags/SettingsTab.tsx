import { Button, Checkbox, Group, Select, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { membersQuery, tagsQuery } from '~/api/account';
import { patchFlag } from '~/api/flags';
import type { Flag, Instruction } from '~/api/types';
import { useText } from '~/i18n/text';
import { notifyDone, notifyFailed } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { personName } from '~/ui/person';
import { useWords } from '~/ui/useWords';
import { FlagDanger } from './FlagDanger';

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
  const members = useQuery(membersQuery);
  const form = useForm({ initialValues: valuesOf(flag) });
  const instructions = changes(flag, form.values);
  const save = useMutation({
    mutationFn: () => patchFlag(project, flag.key, { instructions }),
    onSuccess: (saved) => {
      form.setValues(valuesOf(saved));
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
            <Select
              label={t('Maintainer')}
              searchable
              clearable
              data={(members.data?.items ?? []).map((member) => ({
                value: member._id,
                label: personName(member),
              }))}
              {...form.getInputProps('maintainer')}
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
      <FlagDanger project={project} env={env} flag={flag} />
    </>
  );
}

function valuesOf(flag: Flag) {
  return {
    name: flag.name,
    description: flag.description,
    tags: flag.tags,
    maintainer: flag.maintainerId ?? null,
    client: flag.clientSideAvailability.usingEnvironmentId,
    mobile: flag.clientSideAvailability.usingMobileKey,
    temporary: flag.temporary,
  };
}

function changes(flag: Flag, now: ReturnType<typeof valuesOf>): Instruction[] {
  const was = valuesOf(flag);
  const added = now.tags.filter((tag) => !was.tags.includes(tag));
  const removed = was.tags.filter((tag) => !now.tags.includes(tag));
  const side = (on: boolean, value: string) => ({
    kind: on ? 'turnOnClientSideAvailability' : 'turnOffClientSideAvailability',
    value,
  });
  const list: (Instruction | false)[] = [
    now.name !== was.name && { kind: 'updateName', value: now.name },
    now.description !== was.description && { kind: 'updateDescription', value: now.description },
    added.length > 0 && { kind: 'addTags', values: added },
    removed.length > 0 && { kind: 'removeTags', values: removed },
    now.maintainer !== was.maintainer &&
      (now.maintainer
        ? { kind: 'updateMaintainerMember', value: now.maintainer }
        : { kind: 'removeMaintainer' }),
    now.client !== was.client && side(now.client, 'usingEnvironmentId'),
    now.mobile !== was.mobile && side(now.mobile, 'usingMobileKey'),
    now.temporary !== was.temporary && { kind: now.temporary ? 'makeFlagTemporary' : 'makeFlagPermanent' },
  ];
  return list.filter((one) => one !== false);
}
