import { note, oldest } from './sequence';

/** Most that lists of the account give at once. */
const LIMIT = 100;

interface Listed<T> {
  items: T[];
  totalCount?: number | null;
}

/** All pages of a list that is short enough to be held. */
export async function everything<T, L extends Listed<T>>(
  get: (page: { limit: number; offset: number }) => Promise<L & Listed<T>>,
): Promise<L> {
  const first = await get({ limit: LIMIT, offset: 0 });
  const items = [...first.items];
  const pages: unknown[] = [first];
  while (items.length < (first.totalCount ?? 0)) {
    const next = await get({ limit: LIMIT, offset: items.length });
    if (next.items.length === 0) break;
    items.push(...next.items);
    pages.push(next);
  }
  return note({ ...first, items }, oldest(pages));
}
