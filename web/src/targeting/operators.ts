/** The operators of clauses, in the order they are offered. */
export const OPERATORS = [
  'in',
  'contains',
  'startsWith',
  'endsWith',
  'matches',
  'greaterThan',
  'greaterThanOrEqual',
  'lessThan',
  'lessThanOrEqual',
  'after',
  'before',
  'semVerEqual',
  'semVerGreaterThan',
  'semVerLessThan',
  'segmentMatch',
] as const;

export type Operator = (typeof OPERATORS)[number];

/** How an operator reads; the second where it is negated. */
export const OPERATOR_WORDS: Record<Operator, [string, string]> = {
  in: ['is one of', 'is not one of'],
  contains: ['contains', 'does not contain'],
  startsWith: ['starts with', 'does not start with'],
  endsWith: ['ends with', 'does not end with'],
  matches: ['matches', 'does not match'],
  greaterThan: ['>', 'is not >'],
  greaterThanOrEqual: ['≥', 'is not ≥'],
  lessThan: ['<', 'is not <'],
  lessThanOrEqual: ['≤', 'is not ≤'],
  after: ['is after', 'is not after'],
  before: ['is before', 'is not before'],
  semVerEqual: ['is version', 'is not version'],
  semVerGreaterThan: ['is a version above', 'is not a version above'],
  semVerLessThan: ['is a version below', 'is not a version below'],
  segmentMatch: ['is in segment', 'is not in segment'],
};

const NUMBERS: string[] = ['greaterThan', 'greaterThanOrEqual', 'lessThan', 'lessThanOrEqual'];

/** What is typed, as the operator's type: numbers stay numbers, `true` and `false` become booleans. */
export function valueFrom(op: string, text: string): unknown {
  const trimmed = text.trim();
  if (op === 'in' && (trimmed === 'true' || trimmed === 'false')) return trimmed === 'true';
  const number = Number(trimmed);
  const plain = trimmed !== '' && String(number) === trimmed;
  if ((op === 'in' || NUMBERS.includes(op)) && plain) return number;
  return text;
}

/** Why a value cannot be used with an operator. */
export function problemOf(op: string, value: unknown): 'number' | 'version' | 'date' | 'pattern' | undefined {
  if (NUMBERS.includes(op) && typeof value !== 'number') return 'number';
  if (op.startsWith('semVer') && !/^\d+(\.\d+){0,2}([-+].*)?$/.test(String(value))) return 'version';
  if ((op === 'after' || op === 'before') && typeof value !== 'number') {
    const text = String(value);
    if (!/^\d+$/.test(text) && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text))
      return 'date';
  }
  if (op === 'matches') {
    try {
      new RegExp(String(value));
    } catch {
      return 'pattern';
    }
  }
  return undefined;
}
