import { Group, Table, Text } from '@mantine/core';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { variationName } from './variation';
import { VariationDot } from './VariationDot';

/** The values a flag can have, and where each is served by default. */
export function VariationsTable({ flag }: { flag: Flag }) {
  const t = useText();
  const served = Object.entries(flag.environments ?? {});
  return (
    <Table verticalSpacing="sm" horizontalSpacing="lg">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('Name')}</Table.Th>
          <Table.Th>{t('Value')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('Served by default in')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {flag.variations.map((variation, index) => (
          <Table.Tr key={variation._id}>
            <Table.Td>
              <Group gap="xs" wrap="nowrap">
                <VariationDot index={index} />
                <Text size="sm" fw={550}>
                  {variationName(variation)}
                </Text>
              </Group>
              {variation.description && (
                <Text size="xs" c="dimmed">
                  {variation.description}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <code style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-word' }}>
                {JSON.stringify(variation.value)}
              </code>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Text size="sm" c="dimmed">
                {served
                  .filter(
                    ([, config]) =>
                      (config.on ? config.fallthrough?.variation : config.offVariation) === index,
                  )
                  .map(([, config]) => config._environmentName)
                  .join(', ') || '–'}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
