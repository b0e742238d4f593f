import { Anchor, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconExternalLink, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import { useEverywhere } from '~/access/places';
import { useMay } from '~/access/useMay';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag } from '~/api/types';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { EditDialog } from '~/forms/EditDialog';
import { useText } from '~/i18n/text';
import { Listed } from '~/settings/Listed';
import { Ago } from '~/ui/Ago';
import type { Call } from '~/ui/calls';
import { ItemRow } from '~/ui/ItemRow';
import { MoreMenu } from '~/ui/MoreMenu';
import { Panel } from '~/ui/Panel';
import { webAddress } from './hunks';

type FlagLink = Schemas['FlagLinkRep'];

/** Pages elsewhere that are about the flag: tickets, documents, dashboards. */
export function FlagLinks({ project, flag }: { project: string; flag: Flag }) {
  const t = useText();
  const everywhere = useEverywhere(project, flag.key);
  const [editing, setEditing] = useState<FlagLink | 'new'>();
  const [removing, setRemoving] = useState<FlagLink>();
  const mayEdit = useMay(...everywhere('updateFlagLink')).allowed === true;
  const mayRemove = useMay(...everywhere('deleteFlagLink')).allowed === true;
  const path = `/api/v2/flag-links/projects/${enc(project)}/flags/${enc(flag.key)}`;
  const links = useQuery({
    queryKey: ['project', project, 'links', flag.key],
    queryFn: ({ signal }) =>
      send<{ items: FlagLink[] }>('GET', path, undefined, false, { signal, beta: true }),
  });
  const close = () => setEditing(undefined);
  return (
    <Panel
      title={t('Links')}
      text={t('Tickets, documents and dashboards about this flag.')}
      actions={
        <ActButton
          variant="default"
          needs={everywhere('createFlagLink')}
          leftSection={<IconPlus size={16} />}
          onClick={() => setEditing('new')}
        >
          {t('Add a link')}
        </ActButton>
      }
    >
      <Listed query={links}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('None yet')}
            </Text>
          ) : (
            <Stack gap="sm">
              {items.map((link) => (
                <Row
                  key={link._id}
                  link={link}
                  edit={mayEdit ? () => setEditing(link) : undefined}
                  remove={mayRemove ? () => setRemoving(link) : undefined}
                />
              ))}
            </Stack>
          )
        }
      </Listed>
      {editing && (
        <LinkDialog
          draft={`link.${project}.${flag.key}`}
          path={path}
          link={editing === 'new' ? undefined : editing}
          needs={everywhere(editing === 'new' ? 'createFlagLink' : 'updateFlagLink')}
          close={close}
        />
      )}
      {removing && (
        <ConfirmDialog
          title={t('Remove {title}?', { title: removing.title || removing._deepLink })}
          text={t('The page that it leads to stays.')}
          label={t('Remove')}
          danger
          needs={everywhere('deleteFlagLink')}
          call={{ method: 'DELETE', path: `${path}/${enc(removing._id)}`, beta: true }}
          close={() => setRemoving(undefined)}
        />
      )}
    </Panel>
  );
}

function Row({ link, edit, remove }: { link: FlagLink; edit?: () => void; remove?: () => void }) {
  const t = useText();
  const title = link.title || link._deepLink;
  return (
    <ItemRow
      icon={<IconExternalLink size={17} />}
      title={
        <Anchor href={webAddress(link._deepLink)} target="_blank" rel="noreferrer" size="sm" fw={550}>
          {title}
        </Anchor>
      }
      about={
        <>
          {link._integrationKey && `${link._integrationKey} · `}
          <Ago at={link._createdAt} />
        </>
      }
      menu={
        <MoreMenu
          label={t('More about {name}', { name: title })}
          items={[
            edit !== undefined && { label: t('Edit…'), act: edit },
            remove !== undefined && { label: t('Remove…'), danger: true, act: remove },
          ]}
        />
      }
    >
      {link.description && <Text size="sm">{link.description}</Text>}
    </ItemRow>
  );
}

interface DialogProps {
  draft: string;
  path: string;
  link: FlagLink | undefined;
  needs: ReturnType<ReturnType<typeof useEverywhere>>;
  close: () => void;
}

function LinkDialog({ draft, path, link, needs, close }: DialogProps) {
  const t = useText();
  const initial = {
    deepLink: link?._deepLink ?? '',
    title: link?.title ?? '',
    description: link?.description ?? '',
  };
  const call = (values: typeof initial): Call | undefined => {
    if (!link) return { method: 'POST', path, body: values, beta: true };
    const changed = (['title', 'description', 'deepLink'] as const).filter(
      (field) => values[field] !== initial[field],
    );
    if (changed.length === 0) return undefined;
    const body = changed.map((field) => ({ op: 'add', path: `/${field}`, value: values[field] }));
    return { method: 'PATCH', path: `${path}/${enc(link._id)}`, body, beta: true };
  };
  return (
    <EditDialog
      draft={`${draft}.${link?._id ?? ''}`}
      title={link ? t('Edit the link') : t('Add a link')}
      label={t('Save')}
      size="md"
      needs={needs}
      initial={initial}
      validate={({ deepLink }) =>
        webAddress(deepLink) ? {} : { deepLink: t('An address begins with https:// or http://') }
      }
      call={call}
      close={close}
    >
      {(form) => (
        <>
          <TextInput label={t('Address')} required data-autofocus {...form.getInputProps('deepLink')} />
          <TextInput label={t('Title')} {...form.getInputProps('title')} />
          <Textarea label={t('Description')} autosize minRows={2} {...form.getInputProps('description')} />
        </>
      )}
    </EditDialog>
  );
}
