import type { Text } from '~/i18n/text';

interface Statement {
  effect?: string;
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
}

/** A statement of a policy in a sentence. */
export function explain(t: Text, statement: unknown): string {
  const { effect, actions, notActions, resources, notResources } = (statement ?? {}) as Statement;
  const list = (items: string[]) => items.map((item) => (item === '*' ? t('everything') : item)).join(', ');
  const what = actions ? list(actions) : t('everything but {what}', { what: list(notActions ?? []) });
  const where = resources ? list(resources) : t('everything but {what}', { what: list(notResources ?? []) });
  return effect === 'deny'
    ? t('Denies {what} on {where}', { what, where })
    : t('Allows {what} on {where}', { what, where });
}

/** The statements of what was typed; undefined where it is no list of them. */
export function readPolicy(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
