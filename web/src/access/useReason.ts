import { useCallback } from 'react';
import { useText } from '~/i18n/text';
import { useRoleNames } from './useRoleNames';
import type { Explanation } from './questions';

/** Why something is refused or allowed, in a sentence. */
export function useReason() {
  const t = useText();
  const roles = useRoleNames();
  return useCallback(
    ({ action, resource, allowed, decidedBy: by }: Explanation): string => {
      if (!by) return t('No role allows {action} on {resource}.', { action, resource });
      const key = by.roleKey ?? '';
      const role = by.role_name ?? (by.kind === 'baseRole' ? (roles[key] ?? key) : key);
      const values = {
        action,
        resource,
        role: role === '' ? t('the policy') : role,
        number: (by.statementIndex ?? 0) + 1,
      };
      if (by.statementIndex === undefined) {
        return allowed
          ? t('The role {role} allows {action} on {resource}.', values)
          : t('The role {role} does not allow {action} on {resource}.', values);
      }
      return allowed
        ? t('Statement {number} of {role} allows {action} on {resource}.', values)
        : t('Statement {number} of {role} denies {action} on {resource}.', values);
    },
    [t, roles],
  );
}
