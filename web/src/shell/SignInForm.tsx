import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '~/api/client';
import { useText } from '~/i18n/text';
import { useWords } from '~/ui/useWords';
import { SetUpFactor } from './SetUpFactor';

interface Props {
  /** What comes first: `totp` and `totpSetUp` where the password was given already. */
  next: string;
  note?: string;
  email?: string;
  done: () => void;
}

/** Address and password, then the code of a second factor where there is one. */
export function SignInForm({ next, note, email, done }: Props) {
  const t = useText();
  const words = useWords();
  const [step, setStep] = useState(next);
  const second = step === 'totp';
  const form = useForm({ initialValues: { email: email ?? '', password: '', code: '' } });
  const enter = useMutation({
    mutationFn: (values: typeof form.values) =>
      second
        ? ask(api.POST('/internal/session/totp', { body: { code: values.code.trim() } }))
        : ask(
            api.POST('/internal/session', {
              body: { email: values.email.trim(), password: values.password },
            }),
          ),
    onSuccess: (answer) => (answer.next === 'done' ? done() : setStep(answer.next)),
  });
  if (step === 'totpSetUp') return <SetUpFactor done={done} />;
  return (
    <form onSubmit={form.onSubmit((values) => enter.mutate(values))}>
      <Stack gap="md">
        {note && (
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        )}
        {enter.isError && (
          <Alert color="signal" variant="light" role="alert">
            {words(enter.error)}
          </Alert>
        )}
        {second ? (
          <TextInput
            label={t('Code')}
            description={t('Six digits from your authenticator app, or a recovery code')}
            autoComplete="one-time-code"
            autoFocus
            required
            {...form.getInputProps('code')}
          />
        ) : (
          <>
            <TextInput
              label={t('E-mail address')}
              type="email"
              autoComplete="username"
              autoFocus={!email}
              required
              withAsterisk={false}
              {...form.getInputProps('email')}
            />
            <PasswordInput
              label={t('Password')}
              autoComplete="current-password"
              autoFocus={!!email}
              required
              withAsterisk={false}
              {...form.getInputProps('password')}
            />
          </>
        )}
        <Button type="submit" loading={enter.isPending} fullWidth size="md">
          {t('Sign in')}
        </Button>
        {!second && (
          <Anchor href="/reset-password" size="sm" ta="center">
            {t('Forgot your password?')}
          </Anchor>
        )}
      </Stack>
    </form>
  );
}
