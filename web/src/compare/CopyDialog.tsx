import { Checkbox, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { send } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag } from '~/api/types';
import { CommentField } from '~/forms/CommentField';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone } from '~/ui/notify';

interface Props {
  project: string;
  flag: Flag;
  from: string;
  to: string;
  close: () => void;
}

const PARTS = [
  'updateOn',
  'updateRules',
  'updateFallthrough',
  'updateTargets',
  'updateOffVariation',
  'updatePrerequisites',
];

/** What a flag does in one environment, copied to another. */
export function CopyDialog({ project, flag, from, to, close }: Props) {
  const t = useText();
  const queries = useQueryClient();
  const draft = `copy.${project}.${flag.key}.${from}.${to}`;
  const [comment, setComment, forgetComment] = useKept(draft, '');
  const [actions, setActions, forgetActions] = useKept(`${draft}.parts`, PARTS);
  const target = useEnvironments(project).find(({ key }) => key === to);
  const required = target?.requireComments ?? false;
  const path = `/api/v2/flags/${enc(project)}/${enc(flag.key)}/copy`;
  const body = {
    source: { key: from },
    target: { key: to, currentVersion: flag.environments?.[to]?.version },
    includedActions: actions,
    ...(comment ? { comment } : {}),
  };
  const copy = useMutation({
    mutationFn: () => send('POST', path, body),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['project', project] });
      forgetComment();
      forgetActions();
      notifyDone(t('Copied'));
      close();
    },
  });
  const choices = [
    { value: 'updateOn', label: t('Whether it is on') },
    { value: 'updatePrerequisites', label: t('Prerequisites') },
    { value: 'updateTargets', label: t('Individual targets') },
    { value: 'updateRules', label: t('Rules') },
    { value: 'updateFallthrough', label: t('Default rule') },
    { value: 'updateOffVariation', label: t('Off variation') },
  ];
  return (
    <FormDialog
      title={t('Copy {flag} to {env}?', { flag: flag.name || flag.key, env: to })}
      label={t('Copy')}
      close={close}
      submit={() => copy.mutate()}
      pending={copy.isPending}
      error={copy.error}
      disabled={actions.length === 0 || (required && comment.trim() === '')}
      aside={<CopyAs call={{ method: 'POST', path, body }} />}
    >
      <Text size="sm">{t('What is chosen is replaced in {to} by what is in {from}.', { from, to })}</Text>
      <Checkbox.Group value={actions} onChange={setActions} label={t('Parts')}>
        <Stack gap={8} mt={6}>
          {choices.map((choice) => (
            <Checkbox key={choice.value} {...choice} />
          ))}
        </Stack>
      </Checkbox.Group>
      <CommentField value={comment} change={setComment} required={required} />
    </FormDialog>
  );
}
