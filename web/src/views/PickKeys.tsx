import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { flagsPage } from '~/api/flags';
import { segmentsQuery } from '~/api/segments';
import { withTerm } from '~/api/terms';
import type { Place } from '~/api/types';
import { word } from '~/flags/filter';
import { useText } from '~/i18n/text';
import type { Linkable } from './api';

/** Most that the API takes by name at once. */
const MOST = 20;
const SUGGESTED = 20;

interface Props {
  kind: Linkable;
  place: Place;
  value: string[];
  error?: string;
  change: (keys: string[]) => void;
}

/** Flags or segments, found by name. */
export function PickKeys({ kind, place: { project, env }, value, error, change }: Props) {
  const t = useText();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const flags = useQuery({
    ...flagsPage(project, {
      filter: asked === '' ? undefined : `query:${word(asked)}`,
      envs: [],
      page: 0,
      limit: SUGGESTED,
    }),
    enabled: kind === 'flags',
  });
  const segments = useQuery({
    ...segmentsQuery(project, env, withTerm(undefined, 'query', asked)),
    placeholderData: keepPreviousData,
    enabled: kind === 'segments',
  });
  const found = (kind === 'flags' ? flags.data : segments.data)?.items ?? [];
  const options = new Map(value.map((key) => [key, key]));
  for (const { key, name } of found) options.set(key, name || key);
  return (
    <MultiSelect
      label={kind === 'flags' ? t('Flags') : t('Segments')}
      description={t('Up to {count}; for more take a filter.', { count: MOST })}
      placeholder={value.length === 0 ? t('Search by name or key') : undefined}
      data-autofocus
      searchable
      maxValues={MOST}
      // What is found was searched by the server.
      filter={({ options }) => options}
      data={[...options].map(([key, label]) => ({ value: key, label }))}
      searchValue={text}
      onSearchChange={setText}
      nothingFoundMessage={t('Nothing of that name')}
      value={value}
      error={error}
      onChange={change}
    />
  );
}
