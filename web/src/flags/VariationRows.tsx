import { ActionIcon, Button, Fieldset, Group, Input, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useText } from '~/i18n/text';
import { JsonEditor } from '~/ui/JsonEditor';
import { valueOfText, type FlagType, type VariationForm } from './newFlag';
import { VariationDot } from './VariationDot';
import classes from './VariationRows.module.css';

interface Props {
  type: FlagType;
  rows: VariationForm[];
  change: (rows: VariationForm[]) => void;
}

/** The values a flag can have, as they are typed. */
export function VariationRows({ type, rows, change }: Props) {
  const t = useText();
  const set = (index: number, part: Partial<VariationForm>) =>
    change(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));
  const fixed = type === 'boolean';
  const problem = (row: VariationForm) =>
    valueOfText(type, row.text) === undefined
      ? type === 'number'
        ? t('This is not a number')
        : t('This is not JSON')
      : undefined;
  return (
    <Fieldset legend={t('Variations')} variant="unstyled" className={classes.rows}>
      <Stack gap="xs">
        {rows.map((row, index) => (
          <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
            <div style={{ paddingTop: 11 }}>
              <VariationDot index={index} />
            </div>
            {type === 'json' ? (
              <Input.Wrapper flex={2} miw={0} error={problem(row)}>
                <JsonEditor
                  label={t('Value {n}', { n: index + 1 })}
                  value={row.text}
                  onChange={(text) => set(index, { text })}
                  minHeight="36px"
                  maxHeight="260px"
                  plain
                />
              </Input.Wrapper>
            ) : (
              <TextInput
                flex={1}
                readOnly={fixed}
                aria-label={t('Value {n}', { n: index + 1 })}
                placeholder={t('Value')}
                classNames={{ input: 'mono' }}
                value={row.text}
                error={problem(row)}
                onChange={(event) => set(index, { text: event.currentTarget.value })}
              />
            )}
            <TextInput
              flex={1}
              aria-label={t('Name of value {n}', { n: index + 1 })}
              placeholder={t('Name')}
              value={row.name}
              onChange={(event) => set(index, { name: event.currentTarget.value })}
            />
            {!fixed && (
              <ActionIcon
                mt={4}
                variant="subtle"
                color="gray"
                disabled={rows.length < 2}
                aria-label={t('Remove value {n}', { n: index + 1 })}
                onClick={() => change(rows.filter((_, at) => at !== index))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {!fixed && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            style={{ alignSelf: 'flex-start' }}
            onClick={() => change([...rows, { name: '', text: '' }])}
          >
            {t('Add a variation')}
          </Button>
        )}
      </Stack>
    </Fieldset>
  );
}
