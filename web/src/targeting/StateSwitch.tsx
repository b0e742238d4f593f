import { Switch, Text } from '@mantine/core';
import { variationName } from '~/flags/variation';
import { ReadOnly } from '~/access/ReadOnly';
import { useText } from '~/i18n/text';
import { useEditing, useEditPlace } from './editing';
import classes from './targeting.module.css';

export function StateSwitch({ name }: { name: string }) {
  const t = useText();
  const { draft, base, set, flag, readOnly } = useEditing();
  const { refusal } = useEditPlace();
  const off = variationName(flag.variations[draft.offVariation ?? -1]);
  return (
    <div className={classes.state} data-on={draft.on || undefined}>
      <Switch
        size="md"
        checked={draft.on}
        disabled={readOnly}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          set((old) => ({ ...old, on }));
        }}
        aria-label={t('On in {environment}', { environment: name })}
      />
      <div style={{ flex: 1 }}>
        <Text fw={600} size="sm">
          {draft.on
            ? t('On in {environment}', { environment: name })
            : t('Off in {environment}', { environment: name })}
          {draft.on !== base.on && (
            <Text span c="dimmed" size="xs" fw={500}>
              {' '}
              · {t('not saved')}
            </Text>
          )}
        </Text>
        <Text size="sm" c="dimmed">
          {draft.on
            ? t('The first of the following that applies decides.')
            : t('Everybody gets {variation}; what follows serves nobody.', { variation: off })}
        </Text>
      </div>
      <ReadOnly refusal={refusal} />
    </div>
  );
}
