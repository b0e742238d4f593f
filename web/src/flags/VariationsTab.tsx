import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { enc, patchFlag } from '~/api/flags';
import type { Flag, Instruction } from '~/api/types';
import { useText } from '~/i18n/text';
import { CopyAs } from '~/ui/CopyAs';
import { FormDialog } from '~/ui/FormDialog';
import { notifyDone } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { valueOfText, type FlagType, type VariationForm } from './newFlag';
import { VariationRows } from './VariationRows';
import { VariationsTable } from './VariationsTable';

export function VariationsTab({ project, flag }: { project: string; flag: Flag }) {
  const t = useText();
  const [editing, setEditing] = useState(false);
  return (
    <Panel
      flush
      title={t('Variations')}
      text={t('The values the flag can have, in all environments.')}
      actions={
        <Button variant="default" onClick={() => setEditing(true)} disabled={flag.archived}>
          {t('Edit')}
        </Button>
      }
    >
      <VariationsTable flag={flag} />
      {editing && <EditVariations project={project} flag={flag} close={() => setEditing(false)} />}
    </Panel>
  );
}

interface Row extends VariationForm {
  id?: string;
}

function EditVariations({ project, flag, close }: { project: string; flag: Flag; close: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const type = typeOf(flag);
  const [rows, setRows] = useState<Row[]>(() =>
    flag.variations.map((one) => ({
      id: one._id,
      name: one.name ?? '',
      text: typeof one.value === 'string' && type === 'string' ? one.value : JSON.stringify(one.value),
    })),
  );
  const instructions = changes(flag, type, rows);
  const save = useMutation({
    mutationFn: () => patchFlag(project, flag.key, { instructions }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['project', project] });
      notifyDone(t('Saved'));
      close();
    },
  });
  const broken = rows.some((row) => valueOfText(type, row.text) === undefined);
  return (
    <FormDialog
      title={t('Variations')}
      label={t('Save')}
      size="xl"
      close={close}
      submit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      disabled={instructions.length === 0 || broken}
      aside={
        <CopyAs
          call={{
            method: 'PATCH',
            path: `/api/v2/flags/${enc(project)}/${enc(flag.key)}`,
            body: { instructions },
            semantic: true,
          }}
        />
      }
    >
      <VariationRows type={type} rows={rows} change={setRows} />
    </FormDialog>
  );
}

function typeOf(flag: Flag): FlagType {
  const value = flag.variations[0]?.value;
  if (flag.kind === 'boolean') return 'boolean';
  return typeof value === 'number' ? 'number' : typeof value === 'string' ? 'string' : 'json';
}

function changes(flag: Flag, type: FlagType, rows: Row[]): Instruction[] {
  const kept = new Set(rows.map((row) => row.id));
  const removed = flag.variations.filter((one) => !kept.has(one._id));
  return [
    ...rows.flatMap((row): Instruction[] => {
      const value = valueOfText(type, row.text);
      const old = flag.variations.find((one) => one._id === row.id);
      if (!old) return [{ kind: 'addVariation', value, ...(row.name ? { name: row.name } : {}) }];
      const sameValue = JSON.stringify(old.value) === JSON.stringify(value);
      if (sameValue && (old.name ?? '') === row.name) return [];
      return [
        { kind: 'updateVariation', variationId: old._id, name: row.name, ...(sameValue ? {} : { value }) },
      ];
    }),
    ...removed.map((one) => ({ kind: 'removeVariation', variationId: one._id })),
  ];
}
