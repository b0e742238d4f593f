import { Checkbox, SimpleGrid, Skeleton, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { enc, flagNow, flagQuery } from '~/api/flags';
import { perform } from '~/api/request';
import { asSeen } from '~/api/sequence';
import type { Flag } from '~/api/types';
import { CommentField } from '~/forms/CommentField';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { useEnvironments } from '~/shell/place';
import { ChangeTabs } from '~/targeting/ChangeTabs';
import { useSentences } from '~/targeting/useSentences';
import type { Call } from '~/ui/calls';
import { CopyAs } from '~/ui/CopyAs';
import { ErrorState } from '~/ui/ErrorState';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone } from '~/ui/notify';
import { copied, PARTS, sameCopy, targeting, type Part } from './copying';

interface Props {
  project: string;
  flag: Flag;
  from: string;
  to: string;
  close: () => void;
}

const ALL = Object.keys(PARTS) as Part[];

/** What a flag does in one environment, copied to another; what that changes is shown before. */
export function CopyDialog({ project, flag, from, to, close }: Props) {
  const t = useText();
  const queries = useQueryClient();
  const draft = `copy.${project}.${flag.key}.${from}.${to}`;
  const [comment, setComment, forgetComment] = useKept(draft, '');
  const [parts, setParts, forgetParts] = useKept(`${draft}.parts`, ALL);
  const environments = useEnvironments(project);
  const named = (key: string) => environments.find((one) => one.key === key);
  const required = named(to)?.requireComments ?? false;
  const names = { from: named(from)?.name ?? from, to: named(to)?.name ?? to };
  const query = useQuery(flagQuery(project, flag.key));
  const seen = query.data;
  const again = () => queries.invalidateQueries({ queryKey: ['project', project] });
  const call = (now: Flag): Call<Flag> => ({
    method: 'POST',
    path: `/api/v2/flags/${enc(project)}/${enc(flag.key)}/copy`,
    body: {
      source: { key: from, currentVersion: now.environments?.[from]?.version },
      target: { key: to },
      includedActions: parts,
      ...(comment ? { comment } : {}),
    },
  });
  const copy = useMutation({
    mutationFn: (shown: Flag) =>
      asSeen({
        look: () => flagNow(project, flag.key),
        holds: (now) => sameCopy(shown, now, from, to, parts),
        write: (now, basedOn) => perform(call(now), basedOn),
      }),
    onSuccess: async () => {
      await again();
      forgetComment();
      forgetParts();
      notifyDone(t('Copied'));
      close();
    },
    onError: again,
  });
  const before = targeting(seen ?? flag, to);
  const after = seen ? copied(seen, from, to, parts) : before;
  const sentences = useSentences(seen ?? flag, before, after);
  const choices: Record<Part, string> = {
    updateOn: t('Whether it is on'),
    updatePrerequisites: t('Prerequisites'),
    updateTargets: t('Individual targets'),
    updateRules: t('Rules'),
    updateFallthrough: t('Default rule'),
    updateOffVariation: t('Off variation'),
  };
  return (
    <FormDialog
      title={t('Copy {flag} to {env}?', { flag: flag.name || flag.key, env: names.to })}
      label={t('Copy')}
      close={close}
      submit={() => seen && copy.mutate(seen)}
      pending={copy.isPending}
      error={copy.error}
      disabled={sentences.length === 0 || (required && comment.trim() === '')}
      aside={seen && <CopyAs call={call(seen)} />}
    >
      <Checkbox.Group
        value={parts}
        onChange={(chosen) => setParts(chosen as Part[])}
        label={t('Parts')}
        description={t('What is chosen is replaced in {to} by what is in {from}.', names)}
      >
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" verticalSpacing={8} mt="xs">
          {ALL.map((part) => (
            <Checkbox key={part} value={part} label={choices[part]} />
          ))}
        </SimpleGrid>
      </Checkbox.Group>
      {query.isError ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : !seen ? (
        <Skeleton h={96} />
      ) : sentences.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('Of what is chosen nothing is different in {to}.', names)}
        </Text>
      ) : (
        <ChangeTabs sentences={sentences} before={before} after={after} patch={call(seen).body} />
      )}
      <CommentField value={comment} change={setComment} required={required} />
    </FormDialog>
  );
}
