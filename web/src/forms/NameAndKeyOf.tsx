import { TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useText } from '~/i18n/text';
import { KEY } from '~/ui/keys';
import { NameAndKey } from '~/ui/NameAndKey';

interface Named {
  name: string;
  key: string;
}

/** Name and key of something new; the key of what exists stays. */
export function NameAndKeyOf<V extends Named>({
  form,
  fixed,
}: {
  form: UseFormReturnType<V>;
  fixed: boolean;
}) {
  const t = useText();
  const { name, key } = form.getValues();
  const set = (values: Partial<Named>) => form.setValues(values as Partial<V>);
  const error = (field: string) => form.errors[field]?.toString();
  if (fixed) {
    return (
      <TextInput
        label={t('Name')}
        data-autofocus
        required
        value={name}
        error={error('name')}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
    );
  }
  return (
    <NameAndKey name={name} itsKey={key} nameError={error('name')} keyError={error('key')} onChange={set} />
  );
}

/** What is wrong with a name and a key. */
export function useNameAndKeyErrors() {
  const t = useText();
  return ({ name, key }: Named) => ({
    ...(name.trim() ? {} : { name: t('Give it a name') }),
    ...(KEY.test(key) ? {} : { key: t('Letters, digits, dots, dashes and underscores only') }),
  });
}
