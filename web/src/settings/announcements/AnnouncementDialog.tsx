import { Checkbox, Group, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Schemas } from '~/api/client';
import { replaced, request } from '~/api/request';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { useSeverities } from './useSeverities';

type Announcement = Schemas['AnnouncementResponse'];

/** Tells everybody something. */
export function AnnouncementDialog({
  announcement,
  close,
}: {
  announcement?: Announcement;
  close: () => void;
}) {
  const t = useText();
  const severities = useSeverities();
  const [now] = useState(() => Date.now());
  const initial = {
    title: announcement?.title ?? '',
    message: announcement?.message ?? '',
    severity: announcement?.severity ?? ('info' as const),
    isDismissible: announcement?.isDismissible ?? true,
    from: localTime(announcement?.startTime ?? now),
    until: announcement?.endTime ? localTime(announcement.endTime) : '',
  };
  const body = ({ from, until, ...rest }: typeof initial) => ({
    ...rest,
    startTime: from === initial.from ? (announcement?.startTime ?? now) : Date.parse(from),
    ...(until ? { endTime: Date.parse(until) } : {}),
  });
  return (
    <EditDialog
      draft={`announcement.${announcement?._id ?? ''}`}
      title={announcement ? t('Edit {what}', { what: announcement.title }) : t('Announce something')}
      label={announcement ? t('Save') : t('Announce')}
      needs={[announcement ? 'updateAnnouncement' : 'createAnnouncement', 'acct']}
      initial={initial}
      close={close}
      validate={({ title, message, from, until }) => ({
        ...(title.trim() ? {} : { title: t('It is needed') }),
        ...(message.trim() ? {} : { message: t('It is needed') }),
        ...(Number.isNaN(Date.parse(from)) ? { from: t('It is needed') } : {}),
        ...(until && Date.parse(until) <= Date.parse(from)
          ? { until: t('It must be after the beginning') }
          : {}),
      })}
      call={(values) => {
        if (Number.isNaN(Date.parse(values.from))) return undefined;
        if (!announcement) return request('post', '/api/v2/announcements', { body: body(values) });
        const ended = values.until === '' && initial.until !== '';
        const patch = [
          ...replaced(body(initial), body(values)),
          ...(ended ? [{ op: 'remove', path: '/endTime' }] : []),
        ];
        return patch.length > 0
          ? request('patch', '/api/v2/announcements/{announcementId}', {
              path: { announcementId: announcement._id },
              body: patch,
            })
          : undefined;
      }}
    >
      {(form) => (
        <>
          <TextInput label={t('Title')} required data-autofocus {...form.getInputProps('title')} />
          <Textarea label={t('Message')} required autosize minRows={3} {...form.getInputProps('message')} />
          <Select
            label={t('Weight')}
            data={Object.entries(severities).map(([value, { label }]) => ({ value, label }))}
            {...form.getInputProps('severity')}
          />
          <Group grow align="flex-start">
            <TextInput label={t('From')} type="datetime-local" {...form.getInputProps('from')} />
            <TextInput
              label={t('Until')}
              description={t('Further notice, if empty')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              type="datetime-local"
              {...form.getInputProps('until')}
            />
          </Group>
          <Checkbox
            label={t('People can put it away')}
            {...form.getInputProps('isDismissible', { type: 'checkbox' })}
          />
        </>
      )}
    </EditDialog>
  );
}

/** As fields of dates and times want it, in the zone of the viewer. */
function localTime(at: number): string {
  const zone = new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - zone).toISOString().slice(0, 16);
}
