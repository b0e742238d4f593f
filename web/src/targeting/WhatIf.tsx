import { Loader, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { FormattedNumber } from 'react-intl';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag, Instruction } from '~/api/types';
import { variationName } from '~/flags/variation';
import { VariationDot } from '~/flags/VariationDot';
import { useText } from '~/i18n/text';
import { useWords } from '~/ui/useWords';

interface Props {
  project: string;
  env: string;
  flag: Flag;
  instructions: Instruction[];
}

/** Which of the contexts that SDKs told of would get something else. */
export function WhatIf({ project, env, flag, instructions }: Props) {
  const t = useText();
  const words = useWords();
  const path = `/api/v2/projects/${enc(project)}/environments/${enc(env)}/flags/${enc(flag.key)}/what-if`;
  const effect = useQuery({
    queryKey: ['project', project, 'what-if', env, flag.key, instructions],
    queryFn: () => send<Schemas['WhatIf']>('POST', path, { instructions }),
    retry: false,
  });
  if (effect.isError) return <Text size="sm">{words(effect.error)}</Text>;
  if (!effect.data) return <Loader size="sm" />;
  const { evaluated, changed, before, after } = effect.data;
  if (evaluated === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('No SDK has told of a context in this environment yet, so there is nobody to compare.')}
      </Text>
    );
  }
  const count = (list: typeof before, index: number) =>
    list.find((one) => one.variationIndex === index)?.count ?? 0;
  return (
    <Stack gap="sm">
      <Text size="sm">
        {t('{changed, number} of {evaluated, number} contexts that were seen would get something else.', {
          changed,
          evaluated,
        })}
      </Text>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('Variation')}</Table.Th>
            <Table.Th ta="end">{t('Now')}</Table.Th>
            <Table.Th ta="end">{t('After')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {flag.variations.map((variation, index) => (
            <Table.Tr key={variation._id}>
              <Table.Td>
                <VariationDot index={index} /> {variationName(variation)}
              </Table.Td>
              <Table.Td ta="end">
                <FormattedNumber value={count(before, index)} />
              </Table.Td>
              <Table.Td ta="end">
                <FormattedNumber value={count(after, index)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
