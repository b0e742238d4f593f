/** What is known of a person. */
export interface Named {
  firstName?: string | null;
  lastName?: string | null;
  email?: string | null;
}

/** A name to show: the full one, or the address. */
export function personName(person: Named | null | undefined): string {
  const name = [person?.firstName, person?.lastName].filter(Boolean).join(' ');
  return name || person?.email || '';
}
