import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { flagsPage } from '~/api/flags';
import { segmentsQuery } from '~/api/segments';
import type { Place } from '~/api/types';
import { useText } from '~/i18n/text';
import { useWords } from '~/ui/useWords';
import type { Linkable } from './api';

/** What a filter finds by now, before anything is linked. */
export function FilterPreview({
  kind,
  place: { project, env },
  filter,
}: {
  kind: Linkable;
  place: Place;
  filter: string;
}) {
  const t = useText();
  const words = useWords();
  const [asked] = useDebouncedValue(filter.trim(), 250);
  const flags = useQuery({
    ...flagsPage(project, { filter: asked, envs: [], page: 0, limit: 1 }),
    enabled: kind === 'flags' && asked !== '',
  });
  const segments = useQuery({
    ...segmentsQuery(project, env, asked),
    enabled: kind === 'segments' && asked !== '',
  });
  const { data, error } = kind === 'flags' ? flags : segments;
  if (asked === '') return null;
  const count = data?.totalCount ?? 0;
  return (
    <Text size="sm" c={error ? 'signal' : 'dimmed'} role="status">
      {error
        ? words(error)
        : data === undefined
          ? '…'
          : kind === 'flags'
            ? t('{count, plural, =0 {No flag matches} one {# flag matches} other {# flags match}}', { count })
            : t('{count, plural, =0 {No segment matches} one {# segment matches} other {# segments match}}', {
                count,
              })}
    </Text>
  );
}
