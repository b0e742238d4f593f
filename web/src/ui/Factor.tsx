import { Stack, Text, TextInput } from '@mantine/core';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { CodeBlock } from './CodeBlock';

interface Props {
  begun: Schemas['SetUpRep'];
  code: string;
  onChange: (code: string) => void;
}

/** What an authenticator app needs, and the code that it then shows. */
export function FactorSecret({ begun, code, onChange }: Props) {
  const t = useText();
  return (
    <>
      <Text size="sm">
        {t('Add this secret to your authenticator app, or open the link on the device that has it.')}
      </Text>
      <CodeBlock text={begun.secret} what={t('the secret')} />
      <CodeBlock text={begun.url} what={t('link')} />
      <TextInput
        label={t('Code that the app shows')}
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => onChange(event.currentTarget.value)}
        data-autofocus
      />
    </>
  );
}

/** Codes that are shown once. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  const t = useText();
  return (
    <Stack gap="xs">
      <Text size="sm">
        {t('Keep these recovery codes. Each works once in place of a code, and they are not shown again.')}
      </Text>
      <CodeBlock text={codes.join('\n')} what={t('the recovery codes')} />
    </Stack>
  );
}
