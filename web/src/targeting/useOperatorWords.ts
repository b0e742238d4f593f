import { useCallback } from 'react';
import { useText } from '~/i18n/text';
import { OPERATOR_WORDS, type Operator } from './operators';

/** How an operator reads in the language of the page. */
export function useOperatorWords() {
  const t = useText();
  return useCallback(
    (op: string, negate: boolean): string => {
      const words = OPERATOR_WORDS[op as Operator] as [string, string] | undefined;
      return words ? t(words[negate ? 1 : 0]) : `${negate ? '!' : ''}${op}`;
    },
    [t],
  );
}
