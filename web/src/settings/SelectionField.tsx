import { Checkbox, Stack } from '@mantine/core';
import { useText } from '~/i18n/text';
import { PolicyEditor } from './roles/PolicyEditor';
import { readPolicy, writePolicy } from './roles/policy';

/** What is told of where nothing is chosen. */
const PRODUCTION = [{ effect: 'allow', actions: ['*'], resources: ['proj/*:env/production:flag/*'] }];

/** Which changes somebody is told of, as statements; all of them, or `whole` in words, without any. */
export function SelectionField({
  value,
  error,
  whole,
  onChange,
}: {
  /** JSON; empty without statements. */
  value: string;
  error?: string;
  whole: string;
  onChange: (value: string) => void;
}) {
  const t = useText();
  return (
    <Stack gap="xs">
      <Checkbox
        label={t('Choose which changes')}
        description={value === '' ? whole : undefined}
        checked={value !== ''}
        onChange={(event) => onChange(event.currentTarget.checked ? writePolicy(PRODUCTION) : '')}
      />
      {value !== '' && <PolicyEditor value={value} error={error} onChange={onChange} />}
    </Stack>
  );
}

/** The statements of such a field. */
export function selection(value: string) {
  return value === '' ? undefined : readPolicy(value);
}
