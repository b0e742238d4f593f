import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '~/i18n/text';
import { JsonEditor } from '~/ui/JsonEditor';
import { readPolicy, writePolicy, type Statement } from './policy';
import { StatementCard } from './StatementCard';
import { useStatementWords } from './useStatementWords';

interface Props {
  /** JSON. */
  value: string;
  /** How many statements the role has before these. */
  before?: number;
  error?: string;
  onChange: (value: string) => void;
}

const FRESH: Statement = { effect: 'allow', actions: [], resources: ['proj/*:env/*:flag/*'] };

/** A policy by statements, or as JSON; in both it says in words what it means. */
export function PolicyEditor({ value, before = 0, error, onChange }: Props) {
  const t = useText();
  const words = useStatementWords();
  const [form, setForm] = useState<'statements' | 'json'>('statements');
  const statements = readPolicy(value);
  const set = (next: Statement[]) => onChange(writePolicy(next));
  const asJson = form === 'json' || !statements;
  return (
    <Stack gap={8}>
      <Group justify="space-between" gap="xs">
        <div>
          <Text size="sm" fw={500}>
            {t('Policy')}
          </Text>
          <Text size="xs" c="dimmed">
            {t('A denial always wins over what is allowed.')}
          </Text>
        </div>
        <SegmentedControl
          size="xs"
          aria-label={t('Form of the policy')}
          value={asJson ? 'json' : 'statements'}
          onChange={(next) => setForm(next === 'json' ? 'json' : 'statements')}
          data={[
            { value: 'statements', label: t('Statements'), disabled: !statements },
            { value: 'json', label: 'JSON' },
          ]}
        />
      </Group>
      {asJson ? (
        <>
          <JsonEditor
            label={t('Policy')}
            value={value}
            onChange={onChange}
            minHeight="150px"
            maxHeight="280px"
          />
          {statements && (
            <ol
              start={before + 1}
              aria-label={t('What the policy means')}
              style={{ margin: 0, paddingInlineStart: 22 }}
            >
              {statements.map((statement, index) => (
                <Text size="sm" component="li" key={index}>
                  {words(statement)}
                </Text>
              ))}
            </ol>
          )}
        </>
      ) : (
        <>
          {statements.map((statement, index) => (
            <StatementCard
              key={index}
              number={before + index + 1}
              statement={statement}
              onChange={(next) => set(statements.with(index, next))}
              remove={() => set(statements.filter((_, other) => other !== index))}
            />
          ))}
          <Button
            variant="default"
            size="compact-md"
            leftSection={<IconPlus size={15} />}
            style={{ alignSelf: 'flex-start' }}
            onClick={() => set([...statements, FRESH])}
          >
            {t('Add statement')}
          </Button>
        </>
      )}
      {(error || !statements) && (
        <Text size="sm" c="signal" role="alert">
          {error ?? t('A policy is a list of statements in JSON')}
        </Text>
      )}
    </Stack>
  );
}
