/** What can be walked through by keys: rows of tables, and whatever says that it is one. */
const ROWS = 'tbody tr:not([aria-hidden]), [data-row]';
const ACTIONS = 'a[href], button:not(:disabled)';

/** What leads into each row: its first link, or else its first button. */
export function leads(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll(ROWS)].flatMap((row) => {
    const lead = row.querySelector<HTMLElement>('a[href]') ?? row.querySelector<HTMLElement>(ACTIONS);
    return lead ? [lead] : [];
  });
}

/** What leads into the row after that of `active`, or before it; from outside, into the first or the last. */
export function nextLead(root: ParentNode, active: Element | null, by: 1 | -1): HTMLElement | undefined {
  const all = leads(root);
  const row = active?.closest(ROWS);
  const at = row ? all.findIndex((lead) => row.contains(lead)) : -1;
  if (at < 0) return by > 0 ? all[0] : all.at(-1);
  return all[at + by];
}
