import { Alert, Button, Checkbox, Group, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ActButton } from '~/access/ActButton';
import { useEverywhere } from '~/access/places';
import { ReadOnly } from '~/access/ReadOnly';
import { useMay } from '~/access/useMay';
import { tagsQuery } from '~/api/account';
import { patchCall } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useSave } from '~/api/useAct';
import { FieldConflicts } from '~/forms/FieldConflicts';
import { decidedFields, mergeFields } from '~/forms/threeWay';
import { useText } from '~/i18n/text';
import { useStaged } from '~/targeting/useStaged';
import { CopyAs } from '~/ui/CopyAs';
import { notifyDone } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { useWords } from '~/ui/useWords';
import { ABOUT_ACTIONS, aboutInstructions, aboutOf, aboutParts, type About, type AboutPart } from './about';
import { MaintainerSelect, useSayMaintainer } from './MaintainerSelect';

/** What a flag is called and who it belongs to. What is typed is kept until it is saved, and merged with what others save. */
export function AboutFlag({ project, flag }: { project: string; flag: Flag }) {
  const t = useText();
  const words = useWords();
  const tags = useQuery(tagsQuery);
  const everywhere = useEverywhere(project, flag.key);
  const say = useSayMaintainer();
  const saved = useMemo(() => ({ version: flag._version, draft: aboutOf(flag) }), [flag]);
  const edit = useStaged(`wigwag.about/${project}/${flag.key}`, saved, mergeFields, saved.draft);
  const was = edit.base;
  const now = edit.draft ?? was;
  const change = (part: Partial<About>) => edit.set((draft) => ({ ...draft, ...part }));
  const instructions = aboutInstructions(was, now);
  const call = patchCall(project, flag.key, { instructions });
  const save = useSave(() => notifyDone(t('Saved')));
  const { conflict } = edit;
  const parts = aboutParts(was, now);
  const rights: Record<AboutPart, ReturnType<typeof useMay>> = {
    name: useMay(...everywhere(ABOUT_ACTIONS.name)),
    description: useMay(...everywhere(ABOUT_ACTIONS.description)),
    tags: useMay(...everywhere(ABOUT_ACTIONS.tags)),
    maintainer: useMay(...everywhere(ABOUT_ACTIONS.maintainer)),
    sdks: useMay(...everywhere(ABOUT_ACTIONS.sdks)),
    temporary: useMay(...everywhere(ABOUT_ACTIONS.temporary)),
  };
  const off = (part: AboutPart) => rights[part].allowed === false;
  const none = Object.values(rights).every(({ allowed }) => allowed === false);
  return (
    <Panel
      title={
        <Group gap="xs">
          {t('About this flag')}
          {none && <ReadOnly refusal={rights.name.refusal} />}
        </Group>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (instructions.length > 0) save.mutate(call);
        }}
      >
        <Stack gap="md" maw={640}>
          <TextInput
            label={t('Name')}
            required
            disabled={off('name')}
            value={now.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <Textarea
            label={t('Description')}
            autosize
            minRows={2}
            disabled={off('description')}
            value={now.description}
            onChange={(event) => change({ description: event.currentTarget.value })}
          />
          <TagsInput
            label={t('Tags')}
            data={tags.data?.items ?? []}
            disabled={off('tags')}
            value={now.tags}
            onChange={(value) => change({ tags: value })}
          />
          <MaintainerSelect
            value={now.maintainer}
            disabled={off('maintainer')}
            change={(maintainer) => change({ maintainer })}
          />
          <Stack gap={8}>
            <Text size="sm" fw={500}>
              {t('Visible to')}
            </Text>
            <Checkbox
              label={t('Client-side SDKs (JavaScript)')}
              disabled={off('sdks')}
              checked={now.client}
              onChange={(event) => change({ client: event.currentTarget.checked })}
            />
            <Checkbox
              label={t('Mobile SDKs')}
              disabled={off('sdks')}
              checked={now.mobile}
              onChange={(event) => change({ mobile: event.currentTarget.checked })}
            />
          </Stack>
          <Checkbox
            label={t('Temporary: it is to be removed from code one day')}
            disabled={off('temporary')}
            checked={now.temporary}
            onChange={(event) => change({ temporary: event.currentTarget.checked })}
          />
          {save.isError && (
            <Alert color="signal" variant="light" role="alert">
              {words(save.error)}
            </Alert>
          )}
          {instructions.length > 0 && <CopyAs call={call} />}
          <Group gap="xs">
            <ActButton
              type="submit"
              needs={everywhere(
                ...(parts.length > 0
                  ? parts.map((part) => ABOUT_ACTIONS[part])
                  : none
                    ? [ABOUT_ACTIONS.name]
                    : []),
              )}
              disabled={!none && (instructions.length === 0 || now.name.trim() === '')}
              loading={save.isPending}
            >
              {t('Save')}
            </ActButton>
            {instructions.length > 0 && (
              <Button variant="subtle" color="gray" onClick={edit.reset}>
                {t('Discard')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
      {conflict && !save.isPending && (
        <FieldConflicts
          conflicts={conflict.merged.conflicts}
          say={say}
          discard={edit.reset}
          decide={(keep) =>
            edit.rebase(
              conflict.theirs,
              conflict.version,
              decidedFields(conflict.merged, conflict.theirs, keep),
            )
          }
        />
      )}
    </Panel>
  );
}
