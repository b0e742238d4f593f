import { Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { FormattedNumber } from 'react-intl';
import type { Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { ActButton } from '~/access/ActButton';
import { onSegment } from '~/access/places';
import { useText } from '~/i18n/text';
import { notifyFailed } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { useWords } from '~/ui/useWords';
import { MemberForm } from './MemberForm';
import { exportKeys } from './transfer';
import { UploadKeys } from './UploadKeys';

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
}

/** The members of a big segment: they are too many to be listed, and come from files. */
export function BigMembers({ project, env, segment }: Props) {
  const t = useText();
  const words = useWords();
  const [uploading, setUploading] = useState(false);
  const path = `/api/v2/segments/${enc(project)}/${enc(env)}/${enc(segment.key)}`;
  const download = useMutation({
    mutationFn: () => exportKeys(path),
    onSuccess: (text) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
      link.download = `${segment.key}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    },
    onError: (error) => notifyFailed(words(error)),
  });
  const { includedCount = 0, excludedCount = 0 } = segment._unboundedMetadata ?? {};
  return (
    <Panel
      title={t('Members')}
      text={t('Contexts of kind {kind}, by key. SDKs ask for them one by one.', {
        kind: segment.unboundedContextKind ?? 'user',
      })}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            loading={download.isPending}
            onClick={() => download.mutate()}
          >
            {t('Download')}
          </Button>
          <ActButton
            needs={onSegment('updateIncluded', project, env, segment.key)}
            leftSection={<IconUpload size={16} aria-hidden />}
            onClick={() => setUploading(true)}
          >
            {t('Upload a file')}
          </ActButton>
        </>
      }
    >
      <Stack gap="lg">
        <Group gap={44}>
          <Figure count={includedCount} label={t('included')} />
          <Figure count={excludedCount} label={t('excluded')} />
          {segment._importInProgress && <Text size="sm">{t('A file is being taken in…')}</Text>}
        </Group>
        <MemberForm path={path} needs={onSegment('updateIncluded', project, env, segment.key)} />
      </Stack>
      {uploading && (
        <UploadKeys path={path} segment={segment} count={includedCount} close={() => setUploading(false)} />
      )}
    </Panel>
  );
}

function Figure({ count, label }: { count: number; label: string }) {
  return (
    <div>
      <Text fw={650} fz="1.5rem" lh={1.2} style={{ fontVariantNumeric: 'tabular-nums' }}>
        <FormattedNumber value={count} />
      </Text>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
    </div>
  );
}
