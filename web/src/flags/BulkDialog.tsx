import { Alert, Progress, Stack, TagsInput, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { tagsQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { CommentField } from '~/forms/CommentField';
import { onFlag, useEverywhere } from '~/access/places';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { useWords } from '~/ui/useWords';
import { bulkPatches, type BulkAction } from './bulk';
import { BulkPreview } from './BulkPreview';
import { useSelection } from './selection';
import { useBulk } from './useBulk';
import { useBulkWords } from './useBulkWords';

interface Props {
  project: string;
  environments: Schemas['EnvironmentRep'][];
  first: BulkAction;
  close: () => void;
}

/** Shows which flags would change before anything does, then changes them one by one. */
export function BulkDialog({ project, environments, first, close }: Props) {
  const t = useText();
  const words = useWords();
  const { flags } = useSelection();
  const tags = useQuery(tagsQuery);
  const [typed, setTags, forgetTags] = useKept(`bulk.${project}.${first.kind}.tags`, NONE);
  const action: BulkAction = 'tags' in first ? { ...first, tags: typed } : first;
  const [comment, setComment, forget] = useKept(`bulk.${project}.${first.kind}`, '');
  const [key] = flags.keys();
  const everywhere = useEverywhere(project, key);
  const environment = environments.find((one) => 'env' in action && one.key === action.env);
  const bulk = useBulkWords(action, environment?.name);
  const patches = bulkPatches(action, [...flags.values()]);
  const run = useBulk(project, bulk.done, () => {
    forget();
    forgetTags();
    close();
  });
  const required = environment?.requireComments ?? false;
  const given = comment.trim() === '' ? {} : { comment };
  const [example] = patches;
  return (
    <FormDialog
      title={bulk.title}
      label={bulk.label(patches.length)}
      danger={action.kind === 'off' || action.kind === 'archive'}
      needs={
        'env' in action
          ? onFlag('updateOn', project, action.env, key)
          : everywhere('tags' in action ? 'updateTags' : 'updateGlobalArchived')
      }
      close={close}
      submit={() => run.mutate({ patches, comment: comment.trim() || undefined })}
      pending={run.isPending}
      disabled={patches.length === 0 || (required && comment.trim() === '')}
      aside={
        example && (
          <CopyAs
            call={{
              method: 'PATCH',
              path: `/api/v2/flags/${enc(project)}/${enc(example.flag.key)}`,
              body: {
                ...(example.environmentKey ? { environmentKey: example.environmentKey } : {}),
                instructions: example.instructions,
                ...given,
              },
              semantic: true,
            }}
          />
        )
      }
    >
      {'tags' in action && (
        <TagsInput
          label={t('Tags')}
          data={
            action.kind === 'tag'
              ? (tags.data?.items ?? [])
              : [...new Set([...flags.values()].flatMap((flag) => flag.tags))]
          }
          value={action.tags}
          onChange={setTags}
          data-autofocus
        />
      )}
      {environment?.critical && (
        <Alert color="yellow" variant="light">
          {t('{environment} is marked critical. SDKs get the change at once.', {
            environment: environment.name,
          })}
        </Alert>
      )}
      {action.kind === 'archive' && (
        <Text size="sm">
          {t('Archived flags serve their off variation to everybody, in every environment.')}
        </Text>
      )}
      <BulkPreview flags={[...flags.values()]} patches={patches} action={action} />
      <CommentField value={comment} change={setComment} required={required} />
      {run.isPending && (
        <Progress
          value={(run.done / Math.max(1, patches.length)) * 100}
          aria-label={t('{done} of {all} flags', { done: run.done, all: patches.length })}
        />
      )}
      {run.failed.length > 0 && (
        <Alert color="signal" variant="light" role="alert" title={t('Not everything was changed')}>
          <Stack gap={4}>
            {run.failed.slice(0, 20).map(({ job, error }) => (
              <Text size="sm" key={job.flag.key}>
                <code>{job.flag.key}</code>: {words(error)}
              </Text>
            ))}
          </Stack>
        </Alert>
      )}
    </FormDialog>
  );
}

const NONE: string[] = [];
