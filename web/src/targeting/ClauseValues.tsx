import { MultiSelect, TagsInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { segmentsQuery } from '~/api/segments';
import { withTerm } from '~/api/terms';
import { useText } from '~/i18n/text';
import type { DraftClause } from './draft';
import { useEditPlace } from './editing';
import { problemOf, valueFrom } from './operators';
import { useValues } from './useAttributes';

interface Props {
  clause: DraftClause;
  /** Whether values that were seen are offered. */
  suggest: boolean;
  change: (clause: DraftClause) => void;
}

/** What an attribute is compared with. */
export function ClauseValues({ clause, suggest, change }: Props) {
  const t = useText();
  const { project, env, readOnly } = useEditPlace();
  const segment = clause.op === 'segmentMatch';
  const seen = useValues(project, env, clause.contextKind, clause.attribute, suggest);
  const texts = clause.values.map(String);
  const problems = {
    number: t('This operator compares numbers'),
    version: t('This is not a version such as 2.1.0'),
    date: t('Write a date as 2026-01-31T00:00:00Z'),
    pattern: t('This is not a regular expression'),
  };
  const problem = clause.values.map((value) => problemOf(clause.op, value)).find(Boolean);
  const error = problem ? problems[problem] : texts.length === 0 ? t('At least one value') : undefined;
  if (segment) {
    return <SegmentValues value={texts} error={error} change={(values) => change({ ...clause, values })} />;
  }
  return (
    <TagsInput
      aria-label={t('Values')}
      placeholder={texts.length === 0 ? t('values') : undefined}
      data={seen}
      value={texts}
      disabled={readOnly}
      error={error}
      splitChars={[',', '\n', '\t']}
      acceptValueOnBlur
      onChange={(values) => change({ ...clause, values: values.map((text) => typed(clause, text)) })}
    />
  );
}

interface SegmentsProps {
  value: string[];
  error: string | undefined;
  change: (keys: string[]) => void;
}

/** Segments by name; where there are more than one page of them, the server searches. */
function SegmentValues({ value, error, change }: SegmentsProps) {
  const t = useText();
  const { project, env, readOnly } = useEditPlace();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const all = useQuery(segmentsQuery(project, env));
  const more = (all.data?.totalCount ?? 0) > (all.data?.items.length ?? 0);
  const found = useQuery({
    ...segmentsQuery(project, env, withTerm(undefined, 'query', asked)),
    placeholderData: keepPreviousData,
    enabled: more && asked !== '',
  });
  const options = new Map(value.map((key) => [key, key]));
  for (const { key, name } of [...(all.data?.items ?? []), ...(found.data?.items ?? [])])
    options.set(key, name || key);
  return (
    <MultiSelect
      aria-label={t('Segments')}
      data={[...options].map(([key, label]) => ({ value: key, label }))}
      value={value}
      searchable
      searchValue={text}
      onSearchChange={setText}
      disabled={readOnly}
      error={error}
      onChange={change}
    />
  );
}

/** What was there keeps its type; what is new gets that of the operator. */
function typed(clause: DraftClause, text: string): unknown {
  const had = clause.values.find((value) => String(value) === text);
  return had ?? valueFrom(clause.op, text);
}
