import { useText } from '~/i18n/text';

export const STATUSES = ['new', 'active', 'launched', 'inactive'] as const;
export type Status = (typeof STATUSES)[number];

/** What SDKs make of a flag, in a word. */
export function useStatusWords(): Record<Status, string> {
  const t = useText();
  return { new: t('new'), active: t('active'), launched: t('launched'), inactive: t('inactive') };
}
