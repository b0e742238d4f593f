import { Button, Center, Divider, Paper, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { Mark } from './Mark';
import { SignInForm } from './SignInForm';

export function SignInPage({ state }: { state: Schemas['NowRep'] }) {
  const t = useText();
  const queries = useQueryClient();
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack w="100%" maw={380} gap="lg" pb="10vh">
        <Stack align="center" gap={6}>
          <Mark size={56} />
          <Title order={1} size="h2">
            {t('Sign in to Wigwag')}
          </Title>
        </Stack>
        <Paper withBorder p="xl" radius="lg" bg="var(--panel)">
          <SignInForm next={state.next} done={() => void queries.invalidateQueries()} />
          {state.singleSignOn && (
            <>
              <Divider label={t('or')} my="md" />
              <Button component="a" href="/internal/single-sign-on" variant="default" fullWidth size="md">
                {t('Sign in with your company account')}
              </Button>
            </>
          )}
        </Paper>
        <Text size="xs" c="dimmed" ta="center">
          {t('Feature flags on your own machines')}
        </Text>
      </Stack>
    </Center>
  );
}
