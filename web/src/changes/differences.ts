export interface Difference {
  path: string;
  before?: unknown;
  after?: unknown;
}

/** Members that change with every change and say nothing. */
const NOISE = ['_links', '_version', 'version', 'lastModified', '_summary', 'lastModifiedDate', '_site'];

/** Where two values differ, as JSON pointers. Members of lists are followed by id where they have one. */
export function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [a, b] = [members(before), members(after)];
  if (!a || !b) return [{ path: path || '/', before, after }];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => !NOISE.includes(name));
  return names.flatMap((name) => differences(a[name], b[name], `${path}/${name}`));
}

function members(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return value as Record<string, unknown>;
  const id = (item: unknown, index: number) => {
    const told = typeof item === 'object' && item !== null ? (item as Record<string, unknown>) : {};
    return String(told._id ?? told.id ?? told.key ?? index);
  };
  return Object.fromEntries(value.map((item: unknown, index) => [id(item, index), item]));
}
