import { Text } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { FlagCell } from '~/flags/FlagCell';
import { useText } from '~/i18n/text';
import { DataTable } from '~/ui/DataTable';
import { Panel } from '~/ui/Panel';

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
}

/** Flags whose rules ask for the segment. */
export function SegmentFlags({ project, env, segment }: Props) {
  const t = useText();
  const flags = segment._flags ?? [];
  return (
    <Panel
      flush={flags.length > 0}
      title={t('Flags that use it')}
      text={flags.length > 0 ? t('What is changed here changes whom they serve.') : undefined}
    >
      {flags.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('None')}
        </Text>
      ) : (
        <DataTable
          caption={t('Flags that use it')}
          rows={flags}
          id={(flag) => flag.key}
          columns={[
            {
              head: t('Flag'),
              cell: (flag) => <FlagCell project={project} env={env} flag={flag} />,
            },
          ]}
        />
      )}
    </Panel>
  );
}
