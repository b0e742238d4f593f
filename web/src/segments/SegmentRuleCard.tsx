import { ActionIcon, NumberInput, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useText } from '~/i18n/text';
import { Clauses } from '~/targeting/Clauses';
import { isNew } from '~/targeting/draft';
import { useEditPlace } from '~/targeting/editing';
import { hasShare, type SegmentRule } from './segmentDraft';
import classes from '~/targeting/targeting.module.css';

interface Props {
  rule: SegmentRule;
  index: number;
  change: (rule: SegmentRule) => void;
  remove: () => void;
}

export function SegmentRuleCard({ rule, index, change, remove }: Props) {
  const t = useText();
  const n = index + 1;
  const { readOnly } = useEditPlace();
  return (
    <section className={classes.block} style={{ marginBottom: 12 }} aria-label={t('Rule {n}', { n })}>
      <div className={classes.head}>
        <span className={classes.number} aria-hidden>
          {n}
        </span>
        <TextInput
          flex={1}
          variant="unstyled"
          styles={{ input: { fontWeight: 600 } }}
          placeholder={t('Rule {n}: give it a name', { n })}
          aria-label={t('Name of rule {n}', { n })}
          value={rule.description}
          readOnly={readOnly}
          onChange={(event) => change({ ...rule, description: event.currentTarget.value })}
        />
        {!readOnly && (
          <ActionIcon variant="subtle" color="gray" onClick={remove} aria-label={t('Remove rule {n}', { n })}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </div>
      <div className={classes.body}>
        <Clauses clauses={rule.clauses} change={(clauses) => change({ ...rule, clauses })} />
        {hasShare(rule) && (
          <div className={classes.serve}>
            <NumberInput
              w={260}
              label={t('How many of those who match')}
              suffix=" %"
              min={0}
              max={100}
              decimalScale={3}
              placeholder={t('all')}
              disabled={readOnly}
              value={rule.weight === undefined ? '' : rule.weight / 1000}
              onChange={(value) =>
                change({ ...rule, weight: value === '' ? was(rule) : Math.round(Number(value) * 1000) })
              }
            />
          </div>
        )}
      </div>
    </section>
  );
}

/** A share that is saved can be changed, not taken away. */
function was({ id, weight }: SegmentRule): number | undefined {
  return isNew(id) ? undefined : weight;
}
