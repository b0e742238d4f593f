import { Button, Code, Stack, Text, Title } from '@mantine/core';
import { IconCloudOff, IconError404, IconLock } from '@tabler/icons-react';
import { ApiError } from '~/api/errors';
import { useText } from '~/i18n/text';
import { useWords } from './useWords';

interface Props {
  error: unknown;
  retry?: () => void;
  /** In place of a page: what went wrong is the heading of the page. */
  page?: boolean;
}

/** What is shown in place of what could not be had. */
export function ErrorState({ error, retry, page = false }: Props) {
  const t = useText();
  const words = useWords();
  const refusal = error instanceof ApiError ? error : undefined;
  const Icon = refusal?.forbidden ? IconLock : refusal?.missing ? IconError404 : IconCloudOff;
  const title = refusal?.forbidden
    ? t('You may not see this')
    : refusal?.missing
      ? t('This does not exist, or not any more')
      : t('This could not be loaded');
  return (
    <Stack align="center" gap="sm" py={72} px="md" role="alert">
      <Icon size={40} stroke={1.4} color="var(--muted)" aria-hidden />
      <Title order={page ? 1 : 2} ta="center">
        {title}
      </Title>
      <Text size="sm" c="dimmed" maw={520} ta="center">
        {words(error)}
      </Text>
      {refusal?.forbidden && <Code>{refusal.code}</Code>}
      {retry && !refusal?.forbidden && (
        <Button variant="default" onClick={retry}>
          {t('Try again')}
        </Button>
      )}
    </Stack>
  );
}
