import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useText } from '~/i18n/text';
import { keyOf } from './keys';

interface Props {
  name: string;
  itsKey: string;
  nameError?: string;
  keyError?: string;
  keyHelp?: ReactNode;
  /** How a name becomes a key where that is not said by `keyOf`. */
  keyFrom?: (name: string) => string;
  onChange: (both: { name: string; key: string }) => void;
}

/** A name, and the key that follows it until it is edited. */
export function NameAndKey({ name, itsKey, nameError, keyError, keyHelp, keyFrom = keyOf, onChange }: Props) {
  const t = useText();
  const [own, setOwn] = useState(itsKey !== '' && itsKey !== keyFrom(name));
  return (
    <>
      <TextInput
        label={t('Name')}
        data-autofocus
        required
        value={name}
        error={nameError}
        onChange={({ currentTarget: { value } }) =>
          onChange({ name: value, key: own ? itsKey : keyFrom(value) })
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
