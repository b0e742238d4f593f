import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { formatFilter } from '~/flags/filter';
import type { Schemas } from '~/api/client';
import { FlagLink } from '~/flags/FlagCell';
import { useText } from '~/i18n/text';
import { DataTable } from '~/ui/DataTable';
import { Panel } from '~/ui/Panel';

interface Props {
  project: string;
  env: string;
  segment: Schemas['UserSegment'];
}

/** More of them are in the list of flags. */
const SHOWN = 10;

/** Flags whose rules ask for the segment. */
export function SegmentFlags({ project, env, segment }: Props) {
  const t = useText();
  const flags = segment._flags ?? [];
  const filter = formatFilter([
    { field: 'filterEnv', value: env },
    { field: 'segmentTargeted', value: segment.key },
  ]);
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
        <>
          <DataTable
            caption={t('Flags that use it')}
            rows={flags.slice(0, SHOWN)}
            id={(flag) => flag.key}
            columns={[
              {
                head: t('Flag'),
                cell: (flag) => <FlagLink project={project} env={env} flag={flag} />,
              },
              {
                head: t('Key'),
                cell: (flag) => <code>{flag.key}</code>,
                dimmed: true,
                minor: true,
              },
            ]}
          />
          {flags.length > SHOWN && (
            <Text size="sm" px={18} py="sm">
              <Anchor
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/projects/$project/$env/flags"
                    params={{ project, env }}
                    search={{ filter }}
                  />
                )}
              >
                {t('All {count, number} flags that use it', { count: flags.length })}
              </Anchor>
            </Text>
          )}
        </>
      )}
    </Panel>
  );
}
