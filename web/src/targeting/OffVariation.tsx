import { Group, Text } from '@mantine/core';
import { useText } from '~/i18n/text';
import { Block } from './Block';
import { useEditing } from './editing';
import { VariationSelect } from './VariationSelect';

/** What everybody gets while the flag is off. */
export function OffVariation() {
  const t = useText();
  const { draft, base, set, flag, readOnly } = useEditing();
  return (
    <Block title={t('While the flag is off')} changed={draft.offVariation !== base.offVariation}>
      <Group gap="sm">
        <Text size="sm">{t('Serve')}</Text>
        <VariationSelect
          w={240}
          variations={flag.variations}
          value={draft.offVariation}
          disabled={readOnly}
          aria-label={t('Variation while the flag is off')}
          placeholder={t('the default in code')}
          onChange={(offVariation) => set((old) => ({ ...old, offVariation }))}
        />
      </Group>
    </Block>
  );
}
