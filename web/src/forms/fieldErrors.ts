import { ApiError } from '~/api/errors';

export interface FieldError {
  field: string;
  text: string;
}

/** The field that a refusal is about, where it names one of these: `config.url: must be …`, `members[0].email: …`. */
export function fieldError(error: unknown, fields: string[]): FieldError | undefined {
  if (!(error instanceof ApiError) || error.status >= 500) return undefined;
  const [, missing] = /^Missing field ([\w.[\]]+)$/.exec(error.message) ?? [];
  const [, named, told] = /^([\w.[\]]+): (.+)$/s.exec(error.message) ?? [];
  const path = missing ?? named ?? '';
  const text = missing ? error.message : (told ?? '');
  const steps = path
    .replaceAll(/\[\d+\]/g, '')
    .split('.')
    .filter(Boolean);
  const field = [path, ...steps.reverse()].find((step) => fields.includes(step));
  return field ? { field, text } : undefined;
}
