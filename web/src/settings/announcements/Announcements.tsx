import { Badge, Text } from '@mantine/core';
import { IconSpeakerphone } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, ask } from '~/api/client';
import { request } from '~/api/request';
import { RemoveDialog } from '~/forms/RemoveDialog';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { EmptyIcon } from '../EmptyIcon';
import { ListPage } from '../ListPage';
import { NameCell } from '../NameCell';
import { AnnouncementDialog } from './AnnouncementDialog';
import { useSeverities } from './useSeverities';
import settings from '../settings.module.css';

/** What everybody who signs in is told. */
export function Announcements() {
  const t = useText();
  const severities = useSeverities();
  const query = useQuery({
    queryKey: ['account', 'announcements'],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v2/announcements', { params: { query: { limit: 100 } }, signal })),
  });
  const states: Record<string, string> = {
    active: t('shown now'),
    scheduled: t('to come'),
    inactive: t('over'),
  };
  return (
    <ListPage
      title={t('Announcements')}
      text={t('What everybody who signs in sees at the top of every page.')}
      icon={<EmptyIcon of={IconSpeakerphone} />}
      empty={{ title: t('No announcements'), text: t('Tell everybody of a maintenance, or of a freeze.') }}
      query={query}
      id={(one) => one._id}
      name={(one) => one.title}
      words={(one) => one.message}
      create={{
        label: t('Announce'),
        needs: ['createAnnouncement', 'acct'],
        dialog: (close) => <AnnouncementDialog close={close} />,
      }}
      edit={{
        needs: () => ['updateAnnouncement', 'acct'],
        dialog: (one, close) => <AnnouncementDialog announcement={one} close={close} />,
      }}
      actions={[
        {
          label: t('Delete…'),
          danger: true,
          needs: () => ['deleteAnnouncement', 'acct'],
          dialog: (one, close) => (
            <RemoveDialog
              title={t('Delete the announcement {title}?', { title: one.title })}
              text={t('Nobody sees it any more.')}
              itsKey={one.title}
              call={request('delete', '/api/v2/announcements/{announcementId}', {
                path: { announcementId: one._id },
              })}
              close={close}
            />
          ),
        },
      ]}
      columns={[
        {
          head: t('Announcement'),
          cell: (one) => (
            <>
              <NameCell name={one.title} />
              <Text size="sm" c="dimmed" lineClamp={2}>
                {one.message}
              </Text>
            </>
          ),
        },
        {
          head: t('Weight'),
          cell: (one) => (
            <Badge color={severities[one.severity]?.color ?? 'gray'}>
              {severities[one.severity]?.label ?? one.severity}
            </Badge>
          ),
          minor: true,
        },
        {
          head: t('State'),
          cell: (one) => <span className={settings.word}>{states[one._status] ?? one._status}</span>,
          width: 96,
        },
        { head: t('From'), cell: (one) => <Ago at={one.startTime} />, minor: true },
        {
          head: t('Until'),
          cell: (one) => <Ago at={one.endTime} never={t('further notice')} />,
          minor: true,
        },
      ]}
    />
  );
}
