import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useText } from '~/i18n/text';
import { keyOf } from './keys';

interface Props {
  name: string;
  itsKey: string;
  nameError?: string;
  keyError?: string;
  keyHelp?: string;
  onChange: (value: { name: string; key: string }) => void;
}

/** The key follows the name until it is edited. */
export function NameAndKey({ name, itsKey, nameError, keyError, keyHelp, onChange }: Props) {
  const t = useText();
  const [own, setOwn] = useState(itsKey !== '' && itsKey !== keyOf(name));
  return (
    <>
      <TextInput
        label={t('Name')}
        data-autofocus
        required
        value={name}
        error={nameError}
        onChange={({ currentTarget: { value } }) =>
          onChange({ name: value, key: own ? itsKey : keyOf(value) })
        }
      />
      <TextInput
        label={t('Key')}
        description={keyHelp}
        required
        value={itsKey}
        error={keyError}
        classNames={{ input: 'mono' }}
        onChange={({ currentTarget: { value } }) => {
          setOwn(value !== '');
          onChange({ name, key: value });
        }}
      />
    </>
  );
}
