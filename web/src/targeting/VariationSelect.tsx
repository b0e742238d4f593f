import { Group, Select, type SelectProps } from '@mantine/core';
import { variationName } from '~/flags/variation';
import { VariationDot } from '~/flags/VariationDot';
import type { Variation } from '~/api/types';

interface Props extends Omit<SelectProps, 'value' | 'onChange' | 'data'> {
  variations: Variation[];
  value: number | undefined;
  onChange: (index: number) => void;
}

export function VariationSelect({ variations, value, onChange, ...rest }: Props) {
  const data = variations.map((variation, index) => ({
    value: String(index),
    label: variationName(variation),
  }));
  return (
    <Select
      {...rest}
      data={data}
      value={value === undefined ? null : String(value)}
      onChange={(chosen) => chosen !== null && onChange(Number(chosen))}
      leftSection={<VariationDot index={value} />}
      renderOption={({ option }) => (
        <Group gap="xs" wrap="nowrap">
          <VariationDot index={Number(option.value)} />
          {option.label}
        </Group>
      )}
    />
  );
}
