import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useText } from '~/i18n/text';
import { ClauseRow } from './ClauseRow';
import { newClause, type DraftClause } from './draft';
import { useEditPlace } from './editing';

interface Props {
  clauses: DraftClause[];
  change: (clauses: DraftClause[]) => void;
}

/** What a rule asks for: all of it must hold. */
export function Clauses({ clauses, change }: Props) {
  const t = useText();
  const { readOnly } = useEditPlace();
  return (
    <>
      {clauses.map((clause, at) => (
        <ClauseRow
          key={clause.id}
          clause={clause}
          first={at === 0}
          alone={clauses.length === 1}
          change={(next) => change(clauses.map((one) => (one.id === clause.id ? next : one)))}
          remove={() => change(clauses.filter((one) => one.id !== clause.id))}
        />
      ))}
      {!readOnly && (
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => change([...clauses, newClause()])}
        >
          {t('Add condition')}
        </Button>
      )}
    </>
  );
}
