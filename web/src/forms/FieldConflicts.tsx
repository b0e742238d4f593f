import { useText } from '~/i18n/text';
import { Conflicts } from './Conflicts';
import type { Conflict, Kept } from './threeWay';
import { useFieldNames } from './useFieldNames';

interface Props {
  conflicts: Conflict[];
  /** Fields whose values are not shown. */
  secret?: PropertyKey[];
  say?: (field: string, value: unknown) => string | undefined;
  discard: () => void;
  decide: (keep: Kept) => void;
}

/** Fields that somebody else saved with another value meanwhile. */
export function FieldConflicts({ conflicts, secret = [], say, discard, decide }: Props) {
  const t = useText();
  const names = useFieldNames();
  const words = (field: string, value: unknown): string => {
    if (secret.includes(field)) return t('not shown');
    const said = say?.(field, value);
    if (said !== undefined) return said || t('nothing');
    if (typeof value === 'boolean') return value ? t('yes') : t('no');
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) {
      return value.join(', ') || t('nothing');
    }
    if (value === null || value === undefined || value === '') return t('nothing');
    return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value as string | number);
  };
  return (
    <Conflicts
      title={t('Somebody else saved this meanwhile')}
      conflicts={conflicts}
      show={({ part, base, theirs, mine }) => ({
        title: names[part] ?? part,
        was: words(part, base),
        theirs: words(part, theirs),
        mine: words(part, mine),
      })}
      discard={discard}
      proceed={decide}
    />
  );
}
