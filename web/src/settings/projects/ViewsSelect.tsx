import { MultiSelect } from '@mantine/core';
import { useText } from '~/i18n/text';
import type { View } from '~/views/api';

/** Most views of a key. */
const MOST = 10;

interface Props {
  views: View[];
  value?: string[];
  onChange?: (value: string[]) => void;
}

/** The views that a key is held to. */
export function ViewsSelect({ views, value, onChange, ...rest }: Props) {
  const t = useText();
  return (
    <MultiSelect
      label={t('Delivers only what is in')}
      description={t(
        'And the flags and segments that this depends on. Without a view it delivers everything.',
      )}
      placeholder={value?.length ? undefined : t('everything')}
      searchable
      clearable
      maxValues={MOST}
      // Archived ones are offered only where they are chosen already.
      data={views
        .filter((view) => !view.archived || value?.includes(view.key))
        .map((view) => ({ value: view.key, label: view.name }))}
      value={value}
      onChange={onChange}
      {...rest}
    />
  );
}
