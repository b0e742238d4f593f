import {
  ActionIcon,
  Button,
  Fieldset,
  Group,
  Stack,
  Textarea,
  TextInput,
  type TextareaProps,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ChangeEvent } from 'react';
import { useText } from '~/i18n/text';
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
  const Value = type === 'json' ? JsonValue : TextInput;
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
            <Value
              flex={type === 'json' ? 2 : 1}
              readOnly={fixed}
              aria-label={t('Value {n}', { n: index + 1 })}
              placeholder={t('Value')}
              classNames={{ input: 'mono' }}
              value={row.text}
              error={problem(row)}
              onChange={(event: ChangeEvent<HTMLInputElement & HTMLTextAreaElement>) =>
                set(index, { text: event.currentTarget.value })
              }
            />
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

/** As many lines as the value has. */
function JsonValue(props: TextareaProps) {
  return <Textarea autosize minRows={1} maxRows={12} spellCheck={false} {...props} />;
}
