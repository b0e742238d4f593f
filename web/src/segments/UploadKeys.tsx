import { FileInput, Progress, Radio, Stack, Text } from '@mantine/core';
import { IconFileText } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { send, type Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone } from '~/ui/notify';
import type { ImportMode } from './keysFile';
import { uploadKeys } from './transfer';
import { UploadDiff } from './UploadDiff';

/** How often the server is asked how far it is. */
const ASK_EVERY_MS = 500;

interface Props {
  path: string;
  segment: Schemas['UserSegment'];
  count: number;
  close: () => void;
}

/** Members from a file: compared first, sent with its progress, watched until it is in force. */
export function UploadKeys({ path, segment, count, close }: Props) {
  const t = useText();
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [mode, setMode] = useState<ImportMode>('merge');
  const [sent, setSent] = useState(0);
  const upload = useMutation({
    mutationFn: (chosen: File) => uploadKeys(path, chosen, mode, setSent),
  });
  const at = upload.data;
  const watch = useQuery({
    queryKey: ['import', at],
    queryFn: () => send<Schemas['Import']>('GET', at ?? ''),
    enabled: Boolean(at),
    refetchInterval: (query) => (query.state.data?.status === 'in_progress' ? ASK_EVERY_MS : false),
  });
  const state = watch.data?.status;
  useEffect(() => {
    if (state !== 'complete') return;
    void queries.invalidateQueries({ queryKey: ['project'] });
    notifyDone(t('The members are in force. SDKs have them by now.'));
    close();
  }, [state, queries, t, close]);
  const { stored = 0, keys = 0 } = watch.data?._progress ?? {};
  const running = upload.isPending || (Boolean(at) && state !== 'stopped');
  const share = upload.isPending ? sent * 50 : 50 + (keys > 0 ? (stored / keys) * 50 : 0);
  const stopped =
    state === 'stopped' ? new Error(t('The import was stopped. Nothing was changed.')) : undefined;
  return (
    <FormDialog
      title={t('Upload members of {segment}', { segment: segment.name || segment.key })}
      label={t('Upload')}
      danger={mode === 'replace'}
      close={close}
      submit={() => file && upload.mutate(file)}
      pending={running}
      error={upload.error ?? watch.error ?? stopped}
      disabled={!file}
      aside={
        <CopyAs
          call={{
            method: 'POST',
            path: `${path}/imports`,
            form: [
              ['mode', mode],
              ['file', `@${file?.name ?? 'keys.csv'}`],
            ],
          }}
        />
      }
    >
      <FileInput
        label={t('File')}
        description={t('CSV with one key a line and no heading, or a JSON array of keys.')}
        accept=".csv,.txt,.json,text/csv,text/plain,application/json"
        leftSection={<IconFileText size={16} aria-hidden />}
        placeholder={t('Choose a file')}
        value={file}
        onChange={setFile}
        disabled={running}
        clearable
      />
      <Radio.Group
        label={t('What happens to those who are in it')}
        value={mode}
        onChange={(value) => setMode(value === 'replace' ? 'replace' : 'merge')}
      >
        <Stack gap={8} mt={6}>
          <Radio value="merge" label={t('They stay: the keys of the file are added')} disabled={running} />
          <Radio
            value="replace"
            label={t('They go: only the keys of the file are in the segment')}
            disabled={running}
          />
        </Stack>
      </Radio.Group>
      {file && <UploadDiff key={file.name + file.size} path={path} file={file} mode={mode} count={count} />}
      {running && (
        <div role="status">
          <Text size="sm" mb={6}>
            {upload.isPending
              ? t('Sending: {percent} %', { percent: Math.round(sent * 100) })
              : t('Storing: {stored, number} of {keys, number} keys', { stored, keys })}
          </Text>
          <Progress value={share} aria-label={t('Progress')} />
        </div>
      )}
    </FormDialog>
  );
}
