import { Alert, Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '~/api/client';
import { useText } from '~/i18n/text';
import { FactorSecret, RecoveryCodes } from '~/ui/Factor';
import { useWords } from '~/ui/useWords';

/** A second factor is demanded of a member who has none: after the password it is set up before anything else. */
export function SetUpFactor({ done }: { done: () => void }) {
  const t = useText();
  const words = useWords();
  const [code, setCode] = useState('');
  const begin = useMutation({ mutationFn: () => ask(api.POST('/internal/session/totp/set-up')) });
  const confirm = useMutation({
    mutationFn: () => ask(api.POST('/internal/session/totp/confirm', { body: { code: code.trim() } })),
  });
  const error = confirm.error ?? begin.error;
  const codes = confirm.data?.recoveryCodes;
  const next = codes ? done : begin.data ? () => confirm.mutate() : () => begin.mutate();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        next();
      }}
    >
      <Stack gap="md">
        {error && (
          <Alert color="signal" variant="light" role="alert">
            {words(error)}
          </Alert>
        )}
        {codes ? (
          <RecoveryCodes codes={codes} />
        ) : begin.data ? (
          <FactorSecret begun={begin.data} code={code} onChange={setCode} />
        ) : (
          <Text size="sm">
            {t('Besides the password, members of this account need an authenticator app. Set it up now.')}
          </Text>
        )}
        <Button type="submit" loading={begin.isPending || confirm.isPending} fullWidth size="md">
          {codes ? t('Go on') : begin.data ? t('Confirm') : t('Set up')}
        </Button>
      </Stack>
    </form>
  );
}
