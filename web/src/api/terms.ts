/** The API's other filter language: `field op value`, joined by commas, all of which must hold. */

export interface ListTerm {
  field: string;
  op: string;
  value: string;
}

const TERM = /^\s*([\w.]+)\s+(\w+)\s+("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,]+)\s*$/;

/** Its terms. What is no simple comparison, such as a group in parentheses, is left out. */
export function termsOf(filter: string | undefined): ListTerm[] {
  return split(filter ?? '').flatMap((text) => {
    const [, field = '', op = '', value = ''] = TERM.exec(text) ?? [];
    return field === '' ? [] : [{ field, op, value: unquoted(value) }];
  });
}

export function termOf(filter: string | undefined, field: string): string | undefined {
  return termsOf(filter).find((term) => term.field === field)?.value;
}

/** With one field compared, or not any more when the value is empty. Terms it cannot read stay as they are. */
export function withTerm(
  filter: string | undefined,
  field: string,
  value: string | undefined,
  op = 'equals',
): string | undefined {
  const others = split(filter ?? '').filter((text) => TERM.exec(text)?.[1] !== field);
  const all = value ? [...others, `${field} ${op} ${JSON.stringify(value)}`] : others;
  return all.length > 0 ? all.join(',') : undefined;
}

/** Splits at commas outside of quotes, brackets and parentheses. */
function split(filter: string): string[] {
  const parts: string[] = [];
  let [depth, start, quote] = [0, 0, ''];
  const text = `${filter},`;
  for (let at = 0; at < text.length; at++) {
    const c = text[at] ?? '';
    if (quote !== '') {
      if (c === '\\' && quote === '"') at++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if ('(['.includes(c)) depth++;
    else if (')]'.includes(c)) depth = Math.max(0, depth - 1);
    else if (c === ',' && depth === 0) {
      const part = text.slice(start, at).trim();
      if (part !== '') parts.push(part);
      start = at + 1;
    }
  }
  return parts;
}

function unquoted(value: string): string {
  if (value.startsWith("'")) return value.slice(1, -1);
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
}
