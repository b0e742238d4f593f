/** Something the palette leads to, or does. */
export interface Entry {
  id: string;
  label: string;
  /** What it is, in a word. */
  kind: string;
  /** What it is known by. */
  itsKey?: string;
  /** What there is to say before it is chosen. */
  preview?: string[];
  /** Where it leads; otherwise it does something. */
  to?: string;
  act?: () => void;
}
