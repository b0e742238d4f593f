import { Skeleton, Stack } from '@mantine/core';
import { useText } from '~/i18n/text';

/** Holds the place of what is coming. Shown late, so that quick answers do not flicker. */
export function LoadingPage() {
  const t = useText();
  return (
    <Stack p="xl" gap="md" role="status" aria-label={t('Loading')} className="late">
      <Skeleton h={26} w={220} />
      <Skeleton h={38} />
      {[0, 1, 2, 3, 4].map((row) => (
        <Skeleton h={52} key={row} />
      ))}
    </Stack>
  );
}
