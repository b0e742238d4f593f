import { Badge, Group, Text } from '@mantine/core';
import { IconCheck, IconClock } from '@tabler/icons-react';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { DataTable } from '~/ui/DataTable';

type Stream = Schemas['StreamRep'];

/** Open streams: who it is, since when, and how far. */
export function StreamsTable({ streams, version }: { streams: Stream[]; version: number }) {
  const t = useText();
  const kinds: Record<string, string> = {
    server: t('server-side'),
    mobile: t('mobile'),
    client: t('client-side'),
  };
  const named = (name: string, number: string) => [name || t('not told'), number].filter(Boolean).join(' ');
  return (
    <DataTable
      caption={t('SDK instances')}
      rows={streams}
      id={(stream) => String(stream.id)}
      columns={[
        {
          head: t('SDK'),
          cell: (stream) => (
            <>
              <Text size="sm" fw={550}>
                {named(stream.sdk, stream.sdkVersion)}
              </Text>
              <Text size="xs" c="dimmed">
                {kinds[stream.kind] ?? stream.kind}
                {stream.instanceId && (
                  <>
                    {' · '}
                    <span className="mono">{stream.instanceId}</span>
                  </>
                )}
              </Text>
            </>
          ),
        },
        {
          head: t('Application'),
          cell: (stream) => named(stream.application, stream.applicationVersion),
          minor: true,
        },
        { head: t('Connected'), cell: (stream) => <Ago at={stream.openedAt} />, width: 140, minor: true },
        {
          head: t('Holds'),
          width: 250,
          cell: (stream) =>
            stream.sentVersion >= version ? (
              <Group gap="xs" wrap="nowrap">
                <Badge color="sea" leftSection={<IconCheck size={12} aria-hidden />}>
                  {t('up to date')}
                </Badge>
                <Text size="xs" c="dimmed">
                  {t('version {version}', { version: stream.sentVersion })}
                </Text>
              </Group>
            ) : (
              <Group gap="xs" wrap="nowrap">
                <Badge color="signal" leftSection={<IconClock size={12} aria-hidden />}>
                  {t('waits for {lag, number} ms', { lag: stream.lag })}
                </Badge>
                <Text size="xs" c="dimmed">
                  {t('version {version}', { version: stream.sentVersion })}
                </Text>
              </Group>
            ),
        },
      ]}
    />
  );
}
