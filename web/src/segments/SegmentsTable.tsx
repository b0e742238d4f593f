import { Badge, Group, Skeleton, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { SEGMENTS_PAGE, segmentsQuery } from '~/api/segments';
import type { Place } from '~/api/types';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { DataTable } from '~/ui/DataTable';
import { TagList } from '~/ui/TagList';

type Segment = Schemas['UserSegment'];
/** A place in the list, and what is there once its page has come. */
interface Row {
  index: number;
  segment?: Segment;
}

const ROW = 62;

/** Only the rows in sight exist, and only their pages are asked for. */
export function SegmentsTable({ place, filter, total }: { place: Place; filter?: string; total: number }) {
  const t = useText();
  const { project, env } = place;
  const frame = useRef<HTMLDivElement>(null);
  const [above, setAbove] = useState(0);
  useLayoutEffect(() => setAbove((frame.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const virtual = useWindowVirtualizer({
    count: total,
    estimateSize: () => ROW,
    overscan: 8,
    scrollMargin: above,
  });
  const seen = virtual.getVirtualItems();
  const first = Math.floor((seen[0]?.index ?? 0) / SEGMENTS_PAGE);
  const last = Math.floor((seen.at(-1)?.index ?? 0) / SEGMENTS_PAGE);
  const pages = useQueries({
    queries: Array.from({ length: last - first + 1 }, (_, nth) =>
      segmentsQuery(project, env, filter, first + nth),
    ),
  });
  const rows = seen.map(({ index }): Row => {
    const page = Math.floor(index / SEGMENTS_PAGE);
    return { index, segment: pages[page - first]?.data?.items[index - page * SEGMENTS_PAGE] };
  });
  const known = (show: (segment: Segment) => ReactNode) => (row: Row) =>
    row.segment ? show(row.segment) : <Skeleton h={14} w="70%" />;
  return (
    <div ref={frame}>
      <DataTable
        caption={t('Segments')}
        rows={rows}
        id={({ index, segment }) => segment?.key ?? String(index)}
        part={{
          total,
          first: seen[0]?.index ?? 0,
          before: (seen[0]?.start ?? above) - above,
          after: virtual.getTotalSize() + above - (seen.at(-1)?.end ?? above),
          measure: virtual.measureElement,
        }}
        columns={[
          { head: t('Segment'), cell: known((one) => <NameOf segment={one} place={place} />) },
          { head: t('Who is in it'), cell: known((one) => <Contents segment={one} />), minor: true },
          { head: t('Tags'), cell: known((one) => <TagList tags={one.tags} />), minor: true },
          {
            head: t('Changed'),
            cell: known((one) => <Ago at={one.lastModifiedDate} />),
            width: 130,
            dimmed: true,
          },
        ]}
      />
    </div>
  );
}

function NameOf({ segment, place }: { segment: Segment; place: Place }) {
  const t = useText();
  return (
    <>
      <Group gap={6}>
        <Link
          to="/projects/$project/$env/segments/$segment"
          params={{ ...place, segment: segment.key }}
          className="entity"
        >
          {segment.name || segment.key}
        </Link>
        {segment.unbounded && <Badge size="xs">{t('big')}</Badge>}
      </Group>
      <Text size="xs" c="dimmed" className="mono">
        {segment.key}
      </Text>
    </>
  );
}

function Contents({ segment }: { segment: Segment }) {
  const t = useText();
  const keys =
    (segment._unboundedMetadata?.includedCount ?? 0) +
    (segment.included?.length ?? 0) +
    (segment.includedContexts ?? []).reduce((sum, one) => sum + one.values.length, 0);
  const parts = [
    keys > 0 && t('{count, plural, one {# key} other {# keys}}', { count: keys }),
    segment.rules.length > 0 &&
      t('{count, plural, one {# rule} other {# rules}}', { count: segment.rules.length }),
  ].filter(Boolean);
  return (
    <Text size="sm" c="dimmed">
      {parts.join(' · ') || (segment.unbounded ? t('a list of its own') : t('nobody yet'))}
    </Text>
  );
}
