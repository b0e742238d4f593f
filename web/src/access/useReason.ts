import { useCallback } from 'react';
import { useText } from '~/i18n/text';
import { useRoleNames } from './useRoleNames';
import type { Explanation } from './questions';

/** Why something is refused or allowed, in a sentence. */
export function useReason() {
  const t = useText();
  const roles = useRoleNames();
  return useCallback(
    ({ allowed, decidedBy: by, checks, ...asked }: Explanation): string => {
      // To change what is in a project, one has to see it: that may be what decides.
      const { action, resource } = checks.find((check) => !check.allowed) ?? checks.at(-1) ?? asked;
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
