import { Checkbox, PasswordInput, Select, TextInput } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';

interface Props {
  variable: Schemas['FormVariable'];
  value: unknown;
  error?: string;
  onChange: (value: unknown) => void;
}

/** A field for a value that an integration needs. */
export function VariableField({ variable, value, error, onChange }: Props) {
  const t = useText();
  const text = typeof value === 'string' ? value : '';
  const words = useVariableWords()[variable.description] ?? variable.description;
  const common = { label: variable.name, description: words, required: variable.required, error };
  if (variable.type === 'boolean') {
    return (
      <Checkbox
        label={variable.name}
        description={words}
        error={error}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (variable.type === 'enum') {
    return (
      <Select
        {...common}
        data={variable.allowedValues ?? []}
        value={text || (typeof variable.default === 'string' ? variable.default : null)}
        onChange={(next) => onChange(next ?? undefined)}
      />
    );
  }
  if (variable.secret) {
    return (
      <PasswordInput
        {...common}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': t('Show {what}', { what: variable.name }) }}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
}

/** What the server's manifests say, in the language of the page. */
function useVariableWords(): Record<string, string> {
  const t = useText();
  return {
    'Where entries are posted, as the audit log shows them.': t(
      'Where entries are posted, as the audit log shows them.',
    ),
    'Sent in the header Authorization.': t('Sent in the header Authorization.'),
    'An API key of Datadog.': t('An API key of Datadog.'),
    'The site of Datadog that the account is on.': t('The site of Datadog that the account is on.'),
    'The address of a Teams workflow that takes webhook requests. Whoever knows it can write to the channel.':
      t(
        'The address of a Teams workflow that takes webhook requests. Whoever knows it can write to the channel.',
      ),
    'The address of an incoming webhook of Slack. Whoever knows it can write to the channel.': t(
      'The address of an incoming webhook of Slack. Whoever knows it can write to the channel.',
    ),
  };
}
