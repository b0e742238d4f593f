import { useText } from '~/i18n/text';

/** How heavy an announcement weighs. */
export function useSeverities(): Record<string, { label: string; color: string }> {
  const t = useText();
  return {
    info: { label: t('for information'), color: 'gray' },
    warning: { label: t('a warning'), color: 'orange' },
    critical: { label: t('critical'), color: 'signal' },
  };
}
