import { ActionIcon, Group, SegmentedControl, Select, Stack, TagsInput, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useText } from '~/i18n/text';
import { actionsOn, isKnown, RESOURCE_TYPES } from './catalogue';
import type { Statement } from './policy';
import { useStatementWords } from './useStatementWords';
import classes from './roles.module.css';

interface Props {
  number: number;
  statement: Statement;
  onChange: (statement: Statement) => void;
  remove: () => void;
}

/** One statement: what of it is allowed or denied, and what that means. */
export function StatementCard({ number, statement, onChange, remove }: Props) {
  const t = useText();
  const words = useStatementWords();
  const { effect } = statement;
  const actions = statement.actions ?? statement.notActions ?? [];
  const resources = statement.resources ?? statement.notResources ?? [];
  const allActions = !statement.notActions;
  const allResources = !statement.notResources;
  const set = (change: { actions?: string[]; resources?: string[]; these?: boolean; those?: boolean }) => {
    const these = change.these ?? allActions;
    const those = change.those ?? allResources;
    onChange({
      effect,
      [these ? 'actions' : 'notActions']: change.actions ?? actions,
      [those ? 'resources' : 'notResources']: change.resources ?? resources,
    });
  };
  const strange = resources.filter((one) => !isKnown(one));
  return (
    <section className={classes.statement} aria-label={t('Statement {number}', { number })}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm" fw={550} className={classes.words} data-effect={effect}>
          {words(statement)}
        </Text>
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={remove}
          aria-label={t('Remove statement {number}', { number })}
        >
          <IconTrash size={15} />
        </ActionIcon>
      </Group>
      <Stack gap={8} mt={8}>
        <SegmentedControl
          size="xs"
          style={{ alignSelf: 'flex-start' }}
          aria-label={t('Effect of statement {number}', { number })}
          value={effect}
          onChange={(next) => onChange({ ...statement, effect: next === 'deny' ? 'deny' : 'allow' })}
          data={[
            { value: 'allow', label: t('Allow') },
            { value: 'deny', label: t('Deny') },
          ]}
        />
        <Group gap="xs" align="flex-start" className={classes.which}>
          <Which
            label={t('Which actions, statement {number}', { number })}
            words={[t('these actions'), t('all actions but these')]}
            these={allActions}
            onChange={(these) => set({ these })}
          />
          <TagsInput
            flex={1}
            aria-label={t('Actions of statement {number}', { number })}
            placeholder={actions.length === 0 ? t('Actions, such as updateOn or *') : undefined}
            data={['*', ...actionsOn(resources)]}
            maxDropdownHeight={220}
            value={actions}
            onChange={(actions) => set({ actions })}
          />
        </Group>
        <Group gap="xs" align="flex-start" className={classes.which}>
          <Which
            label={t('Which resources, statement {number}', { number })}
            words={[t('on these resources'), t('on all resources but these')]}
            these={allResources}
            onChange={(those) => set({ those })}
          />
          <TagsInput
            flex={1}
            aria-label={t('Resources of statement {number}', { number })}
            placeholder={resources.length === 0 ? t('Resources, such as proj/*:env/*:flag/*') : undefined}
            data={RESOURCE_TYPES.map(({ specifier }) => specifier)}
            splitChars={[' ']}
            maxDropdownHeight={220}
            value={resources}
            onChange={(resources) => set({ resources })}
            error={
              strange.length > 0 && t('No resource is of this type: {text}', { text: strange.join(', ') })
            }
          />
        </Group>
      </Stack>
    </section>
  );
}

interface WhichProps {
  label: string;
  words: [these: string, others: string];
  these: boolean;
  onChange: (these: boolean) => void;
}

function Which({ label, words, these, onChange }: WhichProps) {
  return (
    <Select
      w={212}
      style={{ flex: 'none' }}
      aria-label={label}
      value={these ? 'these' : 'others'}
      onChange={(value) => onChange(value !== 'others')}
      data={[
        { value: 'these', label: words[0] },
        { value: 'others', label: words[1] },
      ]}
    />
  );
}
