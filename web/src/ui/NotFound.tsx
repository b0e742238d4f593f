import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useText } from '~/i18n/text';
import { EmptyState } from './EmptyState';

export function NotFound() {
  const t = useText();
  return (
    <EmptyState
      page
      title={t('There is no page at this address')}
      action={
        <Anchor component={Link} to="/">
          {t('To the flags')}
        </Anchor>
      }
    />
  );
}
