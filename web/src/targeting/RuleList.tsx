import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
  type DragEndEvent,
} from '@dnd-kit/core';
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable';
import { Group, Text, VisuallyHidden } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import { onFlag } from '~/access/places';
import { useText } from '~/i18n/text';
import { newRule, type DraftRule } from './draft';
import { useEditing, useEditPlace } from './editing';
import { ACTIONS } from './needs';
import { RuleCard } from './RuleCard';

/** Rules in the order in which they are tried; moved by dragging, or with the arrow keys. */
export function RuleList() {
  const t = useText();
  const { draft, base, set, flag, project, env, readOnly } = useEditing();
  const { refusal } = useEditPlace();
  const [said, setSaid] = useState('');
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const rules = draft.rules;
  const move = (from: number, to: number) => {
    if (to < 0 || to >= rules.length || from === to) return;
    set((old) => ({ ...old, rules: arrayMove(old.rules, from, to) }));
    setSaid(t('Rule {from} is now rule {to}', { from: from + 1, to: to + 1 }));
  };
  const end = ({ active, over }: DragEndEvent) => {
    const place = (id: unknown) => rules.findIndex((rule) => rule.id === id);
    if (over) move(place(active.id), place(over.id));
  };
  const change = (rule: DraftRule) =>
    set((old) => ({ ...old, rules: old.rules.map((one) => (one.id === rule.id ? rule : one)) }));
  const was = new Map(base.rules.map((rule) => [rule.id, rule]));
  return (
    <>
      <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={end}>
        <SortableContext items={rules.map((rule) => rule.id)} strategy={verticalListSortingStrategy}>
          {rules.map((rule, index) => (
            <RuleCard
              key={rule.id}
              rule={rule}
              was={was.get(rule.id)}
              index={index}
              count={rules.length}
              change={change}
              move={(to) => move(index, to)}
              remove={() => set((old) => ({ ...old, rules: old.rules.filter((one) => one.id !== rule.id) }))}
            />
          ))}
        </SortableContext>
      </DndContext>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      {(!readOnly || refusal) && (
        <Group>
          <ActButton
            needs={onFlag(ACTIONS.rules, project, env, flag.key)}
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => set((old) => ({ ...old, rules: [...old.rules, newRule(0)] }))}
          >
            {t('Add rule')}
          </ActButton>
          {rules.length === 0 && (
            <Text size="sm" c="dimmed">
              {t('Rules serve contexts by what they are: their plan, country, version, segment.')}
            </Text>
          )}
        </Group>
      )}
    </>
  );
}
