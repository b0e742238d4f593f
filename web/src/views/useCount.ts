import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';

/** How much is linked to a view, in words. */
export function useCount() {
  const t = useText();
  return (summary: Schemas['ResourceSummary'] | undefined) => {
    const { flagCount = 0, segmentCount = 0 } = summary ?? {};
    const parts = [
      flagCount > 0 && t('{count, plural, one {# flag} other {# flags}}', { count: flagCount }),
      segmentCount > 0 && t('{count, plural, one {# segment} other {# segments}}', { count: segmentCount }),
    ];
    return parts.filter(Boolean).join(' · ') || t('nothing yet');
  };
}
