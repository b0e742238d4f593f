/** At most. */
const COLUMNS = 3;

/** The environments that have a column in the list of flags: the one of the page first. */
export function withColumns<E extends { key: string }>(all: E[], env: string): E[] {
  const own = all.filter(({ key }) => key === env);
  return [...own, ...all.filter(({ key }) => key !== env)].slice(0, COLUMNS);
}
