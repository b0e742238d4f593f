import { useText } from '~/i18n/text';
import type { BulkAction } from './bulk';

interface BulkWords {
  title: string;
  label: (count: number) => string;
  /** For the note that says how many it was done to. */
  done: (count: number) => string;
}

/** How an action on many flags is called. */
export function useBulkWords({ kind }: BulkAction, environment = ''): BulkWords {
  const t = useText();
  const words: Record<BulkAction['kind'], BulkWords> = {
    on: {
      title: t('Turn flags on in {environment}?', { environment }),
      label: (count) => t('{count, plural, one {Turn on # flag} other {Turn on # flags}}', { count }),
      done: (count) =>
        t('{count, plural, one {# flag is} other {# flags are}} on in {environment}', { count, environment }),
    },
    off: {
      title: t('Turn flags off in {environment}?', { environment }),
      label: (count) => t('{count, plural, one {Turn off # flag} other {Turn off # flags}}', { count }),
      done: (count) =>
        t('{count, plural, one {# flag is} other {# flags are}} off in {environment}', {
          count,
          environment,
        }),
    },
    tag: {
      title: t('Add tags to flags'),
      label: (count) => t('{count, plural, one {Tag # flag} other {Tag # flags}}', { count }),
      done: (count) => t('{count, plural, one {# flag was} other {# flags were}} tagged', { count }),
    },
    untag: {
      title: t('Remove tags from flags'),
      label: (count) => t('{count, plural, one {Remove from # flag} other {Remove from # flags}}', { count }),
      done: (count) => t('Tags were removed from {count, plural, one {# flag} other {# flags}}', { count }),
    },
    archive: {
      title: t('Archive flags?'),
      label: (count) => t('{count, plural, one {Archive # flag} other {Archive # flags}}', { count }),
      done: (count) => t('{count, plural, one {# flag was} other {# flags were}} archived', { count }),
    },
    restore: {
      title: t('Restore flags?'),
      label: (count) => t('{count, plural, one {Restore # flag} other {Restore # flags}}', { count }),
      done: (count) => t('{count, plural, one {# flag was} other {# flags were}} restored', { count }),
    },
  };
  return words[kind];
}
