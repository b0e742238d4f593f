import { ActionIcon, Autocomplete, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '~/i18n/text';
import { ClauseValues } from './ClauseValues';
import type { DraftClause } from './draft';
import { useEditPlace } from './editing';
import { OPERATORS, type Operator } from './operators';
import { useAttributes } from './useAttributes';
import { useKinds } from './useKinds';
import { useOperatorWords } from './useOperatorWords';
import classes from './targeting.module.css';

interface Props {
  clause: DraftClause;
  first: boolean;
  /** The only one of its rule: it cannot be removed. */
  alone: boolean;
  change: (clause: DraftClause) => void;
  remove: () => void;
}

/** One condition: whose attribute, how it compares, with what. */
export function ClauseRow({ clause, first, alone, change, remove }: Props) {
  const t = useText();
  const { project, env, readOnly } = useEditPlace();
  const kinds = useKinds(project);
  // What was seen is asked for when somebody comes to choose from it.
  const [near, setNear] = useState(false);
  const attributes = useAttributes(project, env, clause.contextKind, near);
  const words = useOperatorWords();
  const segment = clause.op === 'segmentMatch';
  const operators = OPERATORS.flatMap((op) => [
    { value: op, label: words(op, false) },
    { value: `!${op}`, label: words(op, true) },
  ]);
  const choose = (value: string | null) => {
    if (!value) return;
    const negate = value.startsWith('!');
    const op = (negate ? value.slice(1) : value) as Operator;
    const other = (op === 'segmentMatch') !== segment;
    change({
      ...clause,
      op,
      negate,
      ...(other
        ? { values: [], attribute: op === 'segmentMatch' ? 'segmentMatch' : '', contextKind: 'user' }
        : {}),
    });
  };
  return (
    <div
      className={classes.clause}
      data-segment={segment || undefined}
      data-alone={alone || readOnly || undefined}
      onFocus={() => setNear(true)}
      onPointerEnter={() => setNear(true)}
    >
      <span className={classes.joint}>{first ? t('if') : t('and')}</span>
      {!segment && (
        <>
          <div data-part="kind">
            <Select
              aria-label={t('Kind of context')}
              data={[...new Set([...kinds, clause.contextKind])]}
              value={clause.contextKind}
              disabled={readOnly}
              onChange={(contextKind) => contextKind && change({ ...clause, contextKind })}
            />
          </div>
          <div data-part="attribute">
            <Autocomplete
              aria-label={t('Attribute')}
              placeholder={t('attribute')}
              data={attributes}
              value={clause.attribute}
              disabled={readOnly}
              error={clause.attribute === '' ? t('Which attribute?') : undefined}
              onChange={(attribute) => change({ ...clause, attribute })}
            />
          </div>
        </>
      )}
      <div data-part="operator">
        <Select
          aria-label={t('Operator')}
          data={operators}
          value={`${clause.negate ? '!' : ''}${clause.op}`}
          disabled={readOnly}
          maxDropdownHeight={340}
          onChange={choose}
        />
      </div>
      <div data-part="values">
        <ClauseValues clause={clause} change={change} suggest={near} />
      </div>
      {alone || readOnly ? (
        <span />
      ) : (
        <ActionIcon variant="subtle" color="gray" mt={4} onClick={remove} aria-label={t('Remove condition')}>
          <IconX size={16} />
        </ActionIcon>
      )}
    </div>
  );
}
