import { ActionIcon, Anchor, Button, Group, Skeleton, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconExternalLink, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { CopyAs } from '~/ui/CopyAs';
import { ErrorState } from '~/ui/ErrorState';
import { FormDialog } from '~/ui/FormDialog';
import { notifyFailed } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { useWords } from '~/ui/useWords';
import { webAddress } from './hunks';

type FlagLink = Schemas['FlagLinkRep'];

/** Pages elsewhere that are about the flag: tickets, documents, dashboards. */
export function FlagLinks({ project, flag }: { project: string; flag: Flag }) {
  const t = useText();
  const words = useWords();
  const queries = useQueryClient();
  const [editing, setEditing] = useState<FlagLink | 'new'>();
  const path = `/api/v2/flag-links/projects/${enc(project)}/flags/${enc(flag.key)}`;
  const queryKey = ['project', project, 'links', flag.key];
  const links = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      send<{ items: FlagLink[] }>('GET', path, undefined, false, { signal, beta: true }),
  });
  const remove = useMutation({
    mutationFn: (id: string) => send('DELETE', `${path}/${enc(id)}`, undefined, false, { beta: true }),
    onSuccess: () => queries.invalidateQueries({ queryKey }),
    onError: (error) => notifyFailed(words(error)),
  });
  const items = links.data?.items ?? [];
  return (
    <Panel
      title={t('Links')}
      text={t('Tickets, documents and dashboards about this flag.')}
      actions={
        <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
          {t('Add a link')}
        </Button>
      }
    >
      {links.isError ? (
        <ErrorState error={links.error} />
      ) : !links.data ? (
        <Skeleton h={44} />
      ) : items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('None yet')}
        </Text>
      ) : (
        <Stack gap="sm">
          {items.map((link) => {
            const title = link.title || link._deepLink;
            return (
              <Group key={link._id} wrap="nowrap" gap="sm" align="flex-start">
                <IconExternalLink
                  size={17}
                  aria-hidden
                  style={{ marginTop: 3, flex: 'none' }}
                  color="var(--muted)"
                />
                <div style={{ flex: 1, minWidth: 0 }}>
                  <Anchor
                    href={webAddress(link._deepLink)}
                    target="_blank"
                    rel="noreferrer"
                    size="sm"
                    fw={550}
                    style={{ overflowWrap: 'anywhere' }}
                  >
                    {title}
                  </Anchor>
                  {link.description && <Text size="sm">{link.description}</Text>}
                  <Text size="xs" c="dimmed">
                    {link._integrationKey && `${link._integrationKey} · `}
                    <Ago at={link._createdAt} />
                  </Text>
                </div>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('Edit {title}', { title })}
                  onClick={() => setEditing(link)}
                >
                  <IconPencil size={16} />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  loading={remove.isPending && remove.variables === link._id}
                  aria-label={t('Remove {title}', { title })}
                  onClick={() => remove.mutate(link._id)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Group>
            );
          })}
        </Stack>
      )}
      {editing && (
        <LinkDialog
          path={path}
          link={editing === 'new' ? undefined : editing}
          close={() => setEditing(undefined)}
          saved={() => queries.invalidateQueries({ queryKey })}
        />
      )}
    </Panel>
  );
}

interface DialogProps {
  path: string;
  link: FlagLink | undefined;
  close: () => void;
  saved: () => Promise<void>;
}

function LinkDialog({ path, link, close, saved }: DialogProps) {
  const t = useText();
  const form = useForm({
    initialValues: {
      deepLink: link?._deepLink ?? '',
      title: link?.title ?? '',
      description: link?.description ?? '',
    },
    validate: {
      deepLink: (value) => (webAddress(value) ? null : t('An address begins with https:// or http://')),
    },
  });
  const { values } = form;
  const call = link
    ? {
        method: 'PATCH' as const,
        path: `${path}/${enc(link._id)}`,
        body: (['title', 'description', 'deepLink'] as const).map((field) => ({
          op: 'add',
          path: `/${field}`,
          value: values[field],
        })),
      }
    : { method: 'POST' as const, path, body: values };
  const save = useMutation({
    mutationFn: () => send(call.method, call.path, call.body, false, { beta: true }),
    onSuccess: async () => {
      await saved();
      close();
    },
  });
  return (
    <FormDialog
      title={link ? t('Edit the link') : t('Add a link')}
      label={t('Save')}
      size="md"
      close={close}
      submit={() => form.onSubmit(() => save.mutate())()}
      pending={save.isPending}
      error={save.error}
      aside={<CopyAs call={call} />}
    >
      <TextInput label={t('Address')} required data-autofocus {...form.getInputProps('deepLink')} />
      <TextInput label={t('Title')} {...form.getInputProps('title')} />
      <Textarea label={t('Description')} autosize minRows={2} {...form.getInputProps('description')} />
    </FormDialog>
  );
}
