/** The API's filter language for lists: `field:value,field:value`, all of which must hold. */

export interface Term {
  field: string;
  value: string;
}

/** Splits on commas outside braces and brackets, as the server does. Terms without a colon are dropped. */
export function parseFilter(filter: string | undefined): Term[] {
  const terms: Term[] = [];
  let depth = 0;
  let start = 0;
  const text = `${filter ?? ''},`;
  for (let at = 0; at < text.length; at++) {
    const c = text[at] ?? '';
    if ('{['.includes(c)) depth++;
    else if ('}]'.includes(c)) depth = Math.max(0, depth - 1);
    else if (c === ',' && depth === 0) {
      const [field = '', ...value] = text.slice(start, at).split(':');
      if (field.trim() && value.length > 0)
        terms.push({ field: field.trim(), value: value.join(':').trim() });
      start = at + 1;
    }
  }
  return terms;
}

export function formatFilter(terms: Term[]): string | undefined {
  const text = terms.map(({ field, value }) => `${field}:${value}`).join(',');
  return text === '' ? undefined : text;
}

export function valueOf(filter: string | undefined, field: string): string | undefined {
  return parseFilter(filter).find((term) => term.field === field)?.value;
}

/** With one field set, or without it when the value is empty. */
export function withValue(
  filter: string | undefined,
  field: string,
  value: string | undefined,
): string | undefined {
  const others = parseFilter(filter).filter((term) => term.field !== field);
  return formatFilter(value ? [...others, { field, value }] : others);
}

/** A text as it may stand in a filter: what has a meaning there is left out. */
export function word(text: string): string {
  return text.replaceAll(/[,{}[\]]/g, ' ').trim();
}
