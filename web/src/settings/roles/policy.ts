/** A statement of a policy, as people and programs write it. */
export interface Statement {
  effect: 'allow' | 'deny';
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
}

/** The statements of what was typed; undefined where it is no list of them. */
export function readPolicy(text: string): Statement[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isStatement) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStatement(value: unknown): value is Statement {
  if (typeof value !== 'object' || value === null) return false;
  const { effect, ...lists } = value as Record<string, unknown>;
  return (
    (effect === 'allow' || effect === 'deny') && Object.values(lists).every((list) => Array.isArray(list))
  );
}

export function writePolicy(statements: unknown[]): string {
  return JSON.stringify(statements, null, 2);
}
