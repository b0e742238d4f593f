import { useSortable } from '@dnd-kit/sortable';
import { ActionIcon, Menu, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDots, IconGripVertical, IconTrash } from '@tabler/icons-react';
import { useText } from '~/i18n/text';
import { same } from '~/forms/threeWay';
import { Clauses } from './Clauses';
import type { DraftRule } from './draft';
import { useEditing } from './editing';
import { MatchCount } from './MatchCount';
import { Notes } from './Notes';
import { ServeEditor } from './ServeEditor';
import classes from './targeting.module.css';

interface Props {
  rule: DraftRule;
  was: DraftRule | undefined;
  index: number;
  count: number;
  change: (rule: DraftRule) => void;
  move: (to: number) => void;
  remove: () => void;
}

export function RuleCard({ rule, was, index, count, change, move, remove }: Props) {
  const t = useText();
  const { readOnly } = useEditing();
  const { attributes, listeners, setNodeRef, transform, transition, isDragging } = useSortable({
    id: rule.id,
    disabled: readOnly,
  });
  const name = rule.description || t('Rule {n}', { n: index + 1 });
  const style = {
    transform: transform ? `translate3d(0, ${Math.round(transform.y)}px, 0)` : undefined,
    transition,
    zIndex: isDragging ? 5 : undefined,
    boxShadow: isDragging ? '0 8px 28px rgb(16 22 28 / 18%)' : undefined,
    position: 'relative' as const,
  };
  return (
    <section
      ref={setNodeRef}
      style={style}
      className={classes.block}
      data-changed={!same(was, rule) || undefined}
      aria-label={name}
    >
      <div className={classes.head}>
        {!readOnly && (
          <div
            className={classes.grip}
            {...attributes}
            {...listeners}
            aria-label={t('Move {name}', { name })}
          >
            <IconGripVertical size={16} aria-hidden />
          </div>
        )}
        <span className={classes.number} aria-hidden>
          {index + 1}
        </span>
        <TextInput
          flex={1}
          variant="unstyled"
          styles={{ input: { fontWeight: 600, fontSize: '0.9375rem' } }}
          placeholder={t('Rule {n}: give it a name', { n: index + 1 })}
          aria-label={t('Name of rule {n}', { n: index + 1 })}
          value={rule.description}
          readOnly={readOnly}
          onChange={(event) => change({ ...rule, description: event.currentTarget.value })}
        />
        <MatchCount of={(matches) => matches.rules[index]} />
        {!was && (
          <Text size="xs" c="dimmed">
            {t('new')}
          </Text>
        )}
        {!readOnly && (
          <Menu shadow="md" position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t('More about {name}', { name })}>
                <IconDots size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<IconArrowUp size={16} />}
                disabled={index === 0}
                onClick={() => move(index - 1)}
              >
                {t('Move up')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconArrowDown size={16} />}
                disabled={index === count - 1}
                onClick={() => move(index + 1)}
              >
                {t('Move down')}
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item leftSection={<IconTrash size={16} />} onClick={remove}>
                {t('Remove rule')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <div className={classes.body}>
        <Clauses clauses={rule.clauses} change={(clauses) => change({ ...rule, clauses })} />
        <div className={classes.serve}>
          <ServeEditor name={name} serve={rule.serve} change={(serve) => change({ ...rule, serve })} />
        </div>
      </div>
      <Notes below={`/rules/${index}`} />
    </section>
  );
}
