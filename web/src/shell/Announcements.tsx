import { CloseButton, Group, Text } from '@mantine/core';
import { IconInfoCircle, IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '~/api/client';
import { useText } from '~/i18n/text';
import classes from './Announcements.module.css';

const AWAY = 'wigwag.announcements';

/** What everybody is told now. Whoever put one away does not see it again in this browser. */
export function Announcements() {
  const t = useText();
  const [away, setAway] = useState(putAway);
  const announced = useQuery({
    queryKey: ['account', 'announced'],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v2/announcements', { params: { query: { status: 'active' } }, signal })),
    retry: false,
    staleTime: 60_000,
    refetchInterval: 300_000,
  }).data?.items;
  const shown = announced?.filter(({ _id }) => !away.includes(_id)) ?? [];
  if (shown.length === 0) return null;
  const drop = (id: string) => {
    const next = [...away, id].slice(-50);
    localStorage.setItem(AWAY, JSON.stringify(next));
    setAway(next);
  };
  return (
    <section aria-label={t('Announcements')}>
      {shown.map((one) => {
        const Icon = one.severity === 'info' ? IconInfoCircle : IconAlertTriangle;
        return (
          <Group
            key={one._id}
            className={classes.announcement}
            data-severity={one.severity}
            gap="sm"
            wrap="nowrap"
          >
            <Icon size={18} aria-hidden style={{ flex: 'none' }} />
            <Text size="sm" flex={1}>
              <b>{one.title}</b> {one.message}
            </Text>
            {one.isDismissible && (
              <CloseButton
                size="sm"
                aria-label={t('Put away: {title}', { title: one.title })}
                onClick={() => drop(one._id)}
              />
            )}
          </Group>
        );
      })}
    </section>
  );
}

function putAway(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(AWAY) ?? '[]');
    return Array.isArray(kept) ? kept.map(String) : [];
  } catch {
    return [];
  }
}
