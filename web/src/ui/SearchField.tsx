import { TextInput, type TextInputProps } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';

/** Where a list is searched; the key / leads here. Its label is also what it says while empty. */
export function SearchField({ label, ...rest }: { label: string } & Omit<TextInputProps, 'label'>) {
  return (
    <TextInput
      data-search
      type="search"
      w={{ base: '100%', xs: 280 }}
      leftSection={<IconSearch size={16} aria-hidden />}
      placeholder={label}
      aria-label={label}
      {...rest}
    />
  );
}
