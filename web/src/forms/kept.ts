/** Drafts of dialogs, held by the tab: a reload, an ended session or a slip of the hand loses nothing. */
const PREFIX = 'wigwag.draft.';

export function keptDraft<T extends object>(id: string): Partial<T> | undefined {
  try {
    const text = sessionStorage.getItem(PREFIX + id);
    return text ? (JSON.parse(text) as Partial<T>) : undefined;
  } catch {
    return undefined;
  }
}

export function keepDraft(id: string, values: object) {
  try {
    sessionStorage.setItem(PREFIX + id, JSON.stringify(values));
  } catch {
    // A full store keeps nothing; the dialog works all the same.
  }
}

export function dropDraft(id: string) {
  sessionStorage.removeItem(PREFIX + id);
}
