import { MultiSelect, TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { segmentsQuery } from '~/api/segments';
import { useText } from '~/i18n/text';
import type { DraftClause } from './draft';
import { useEditPlace } from './editing';
import { problemOf, valueFrom } from './operators';
import { useValues } from './useAttributes';

interface Props {
  clause: DraftClause;
  change: (clause: DraftClause) => void;
}

/** What an attribute is compared with. Values that were seen are offered. */
export function ClauseValues({ clause, change }: Props) {
  const t = useText();
  const { project, env, readOnly } = useEditPlace();
  const segment = clause.op === 'segmentMatch';
  const segments = useQuery({ ...segmentsQuery(project, env), enabled: segment });
  const seen = useValues(project, env, clause.contextKind, clause.attribute);
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
    const options = (segments.data?.items ?? []).map(({ key, name }) => ({ value: key, label: name || key }));
    const known = new Set(options.map(({ value }) => value));
    return (
      <MultiSelect
        aria-label={t('Segments')}
        data={[...options, ...texts.filter((key) => !known.has(key))]}
        value={texts}
        searchable
        disabled={readOnly}
        error={error}
        onChange={(values) => change({ ...clause, values })}
      />
    );
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

/** What was there keeps its type; what is new gets that of the operator. */
function typed(clause: DraftClause, text: string): unknown {
  const had = clause.values.find((value) => String(value) === text);
  return had ?? valueFrom(clause.op, text);
}
