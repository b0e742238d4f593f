import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import { useEverywhere } from '~/access/places';
import { patchCall } from '~/api/flags';
import type { Flag } from '~/api/types';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { notifyDone } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { valueOfText } from './newFlag';
import { typeOf, variationChanges, variationRows, type VariationRow } from './variationChanges';
import { VariationRows } from './VariationRows';
import { VariationsTable } from './VariationsTable';

export function VariationsTab({ project, flag }: { project: string; flag: Flag }) {
  const t = useText();
  const everywhere = useEverywhere(project, flag.key);
  const [editing, setEditing] = useState(false);
  return (
    <Panel
      flush
      title={t('Variations')}
      text={t('The values the flag can have, in all environments.')}
      actions={
        <ActButton
          variant="default"
          needs={everywhere('updateFlagVariations')}
          onClick={() => setEditing(true)}
          disabled={flag.archived}
        >
          {t('Edit')}
        </ActButton>
      }
    >
      <VariationsTable flag={flag} />
      {editing && <EditVariations project={project} flag={flag} close={() => setEditing(false)} />}
    </Panel>
  );
}

function EditVariations({ project, flag, close }: { project: string; flag: Flag; close: () => void }) {
  const t = useText();
  const everywhere = useEverywhere(project, flag.key);
  const type = typeOf(flag);
  return (
    <EditDialog
      draft={`variations.${project}.${flag.key}`}
      title={t('Variations')}
      label={t('Save')}
      size="xl"
      needs={everywhere('updateFlagVariations')}
      initial={{ rows: variationRows(flag) }}
      close={close}
      say={(_, rows) =>
        (rows as VariationRow[]).map(({ name, text }) => `${name || '–'}: ${text}`).join('\n')
      }
      call={({ rows }) => {
        const instructions = variationChanges(flag, rows);
        const broken = rows.some((row) => valueOfText(type, row.text) === undefined);
        if (instructions.length === 0 || broken) return undefined;
        return patchCall(project, flag.key, { instructions });
      }}
      done={() => notifyDone(t('Saved'))}
    >
      {(form) => (
        <VariationRows
          type={type}
          rows={form.getValues().rows}
          change={(rows) => form.setFieldValue('rows', rows)}
        />
      )}
    </EditDialog>
  );
}
