import { Button, Group } from '@mantine/core';
import { IconFlag2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { ActButton } from '~/access/ActButton';
import { useEverywhere } from '~/access/places';
import { useText } from '~/i18n/text';
import { usePlace } from '~/shell/place';
import { EmptyState } from '~/ui/EmptyState';

export function NoFlags({
  filtered,
  create,
  clear,
}: {
  filtered: boolean;
  create: () => void;
  clear: () => void;
}) {
  const t = useText();
  const place = usePlace();
  const everywhere = useEverywhere(place?.project ?? '');
  const icon = <IconFlag2 size={40} stroke={1.4} color="var(--muted)" aria-hidden />;
  if (filtered) {
    return (
      <EmptyState
        icon={icon}
        title={t('No flag matches')}
        action={
          <Button variant="default" onClick={clear}>
            {t('Clear the filter')}
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState
      icon={icon}
      title={t('Your first flag')}
      text={t(
        'A flag lets you turn a part of your software on and off, for everybody or for some, without a release.',
      )}
      action={
        <Group gap="xs">
          <ActButton needs={everywhere('createFlag')} onClick={create}>
            {t('Create flag')}
          </ActButton>
          {place && (
            <Button component={Link} to={`/projects/${place.project}/${place.env}/start`} variant="default">
              {t('Connect an SDK')}
            </Button>
          )}
        </Group>
      }
    />
  );
}
