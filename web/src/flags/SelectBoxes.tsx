import { Checkbox } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FLAGS_PAGE, flagsPage, type FlagsQuery } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { notifyFailed } from '~/ui/notify';
import { useWords } from '~/ui/useWords';
import { useSelection } from './selection';

/** Most that are chosen at once. */
const MOST = 1_000;

export function SelectFlag({ flag }: { flag: Flag }) {
  const t = useText();
  const { flags, toggle } = useSelection();
  return (
    <Checkbox
      size="xs"
      radius="sm"
      checked={flags.has(flag.key)}
      onChange={() => toggle(flag)}
      aria-label={t('Select {flag}', { flag: flag.name || flag.key })}
    />
  );
}

interface Props {
  project: string;
  query: Omit<FlagsQuery, 'page'>;
  total: number;
}

/** Chooses all that match the filter, as far as that is sensible, or none. */
export function SelectAll({ project, query, total }: Props) {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const { flags, set, clear } = useSelection();
  const all = useMutation({
    mutationFn: async () => {
      const pages = Math.ceil(Math.min(total, MOST) / FLAGS_PAGE);
      const found = await Promise.all(
        Array.from({ length: pages }, (_, page) =>
          queries.fetchQuery(flagsPage(project, { ...query, page })),
        ),
      );
      return found.flatMap(({ items }) => items);
    },
    onSuccess: set,
    onError: (error) => notifyFailed(words(error)),
  });
  return (
    <Checkbox
      size="xs"
      radius="sm"
      checked={flags.size > 0 && flags.size >= Math.min(total, MOST)}
      indeterminate={flags.size > 0 && flags.size < Math.min(total, MOST)}
      disabled={all.isPending}
      onChange={() => (flags.size > 0 ? clear() : all.mutate())}
      aria-label={t('Select all flags that match, {most, number} at most', { most: MOST })}
    />
  );
}
