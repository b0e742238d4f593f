import type { Schemas } from '~/api/client';
import { VERBS } from './verbs';

type Entry = Pick<Schemas['AuditLogEntry'], 'title' | 'titleVerb'>;

/** Who did it and to what, in the log's marks, where what was done is one of the `VERBS`. */
export function titleParts({ title, titleVerb }: Entry): { who: string; what: string } | undefined {
  const at = VERBS.includes(titleVerb) ? title.indexOf(` ${titleVerb} `) : -1;
  return at < 0 ? undefined : { who: title.slice(0, at), what: title.slice(at + titleVerb.length + 2) };
}

/** Without the backslashes before what would be a mark. */
export function unescaped(text: string): string {
  return text.replaceAll(/\\([^\w\s])/g, '$1');
}

/** A sentence without its marks, for what is read aloud. */
export function withoutMarks(text: string): string {
  return unescaped(text.replaceAll(/\[((?:\\.|[^\]])+)\]\([^)]*\)/g, '$1').replaceAll('`', ''));
}
