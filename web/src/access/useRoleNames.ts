import { useText } from '~/i18n/text';

/** Base roles as people call them. */
export function useRoleNames(): Record<string, string> {
  const t = useText();
  return {
    owner: t('Owner'),
    admin: t('Admin'),
    writer: t('Writer'),
    reader: t('Reader'),
    no_access: t('No access'),
  };
}
