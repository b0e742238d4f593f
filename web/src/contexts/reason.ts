import { useCallback } from 'react';
import { useText } from '~/i18n/text';

export interface Reason {
  kind: string;
  ruleIndex?: number;
  ruleId?: string;
  prerequisiteKey?: string;
  inExperiment?: boolean;
  errorKind?: string;
}

/** Why a value is served, in a few words. */
export function useReasonWords() {
  const t = useText();
  return useCallback(
    (given: unknown): string => {
      const reason = (given ?? { kind: '' }) as Reason;
      switch (reason.kind) {
        case 'OFF':
          return t('the flag is off');
        case 'FALLTHROUGH':
          return t('default rule');
        case 'TARGET_MATCH':
          return t('individual target');
        case 'RULE_MATCH':
          return t('rule {n}', { n: (reason.ruleIndex ?? 0) + 1 });
        case 'PREREQUISITE_FAILED':
          return t('prerequisite {flag} is not met', { flag: reason.prerequisiteKey });
        case 'ERROR':
          return t('error: {kind}', { kind: reason.errorKind });
        default:
          return reason.kind;
      }
    },
    [t],
  );
}
