import { useCallback } from 'react';
import { useText } from '~/i18n/text';
import type { Named } from '~/ui/person';
import { titleParts, withoutMarks } from './title';

/** What is read of an entry, wherever it is listed. */
export interface Entry {
  title: string;
  titleVerb: string;
  member?: Named | null;
  token?: { name: string; ending: string } | null;
}

/**
 * The sentence of an entry: in the language of the reader where that has its verb, otherwise as the log has it. With its
 * marks, and without them to be read aloud.
 */
export function useTitle() {
  const t = useText();
  return useCallback(
    ({ title, titleVerb, member, token }: Entry) => {
      const parts = titleParts({ title, titleVerb });
      if (!parts) return { marked: title, plain: withoutMarks(title) };
      const unnamed = !member && token && !token.name;
      const who = unnamed ? t('Service token ending in {ending}', { ending: token.ending }) : parts.who;
      const marked = t(`{who} ${titleVerb} {what}`, { who, what: parts.what });
      return { marked, plain: withoutMarks(marked) };
    },
    [t],
  );
}
