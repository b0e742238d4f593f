import { Button, Text } from '@mantine/core';
import { IconPlus, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { rolesQuery } from '~/api/account';
import type { Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { DataTable } from '~/ui/DataTable';
import { EmptyState } from '~/ui/EmptyState';
import { Panel } from '~/ui/Panel';
import { AccessSimulator } from './AccessSimulator';
import { Listed } from './Listed';
import { RoleDialog } from './RoleDialog';

export function Roles() {
  const t = useText();
  const [editing, setEditing] = useState<Schemas['CustomRole'] | 'new'>();
  const query = useQuery(rolesQuery);
  return (
    <>
      <Panel
        flush
        title={t('Roles')}
        text={t('Roles of your own say exactly what may be done with what.')}
        actions={
          <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
            {t('Create role')}
          </Button>
        }
      >
        <Listed query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState
                icon={<IconShieldCheck size={36} stroke={1.4} color="var(--muted)" aria-hidden />}
                title={t('No roles of your own yet')}
                text={t('Until then members have a base role: reader, writer or admin.')}
              />
            ) : (
              <DataTable
                caption={t('Roles')}
                rows={items}
                id={(one) => one.key}
                columns={[
                  {
                    head: t('Role'),
                    cell: (one) => (
                      <>
                        <Text size="sm" fw={580}>
                          {one.name}
                        </Text>
                        <Text size="xs" c="dimmed" className="mono">
                          {one.key}
                        </Text>
                      </>
                    ),
                  },
                  {
                    head: t('About'),
                    cell: (one) => (
                      <Text size="sm" c="dimmed">
                        {one.description}
                      </Text>
                    ),
                    minor: true,
                  },
                  {
                    head: t('Statements'),
                    cell: (one) => one.policy.length,
                    minor: true,
                  },
                  {
                    head: t('Actions'),
                    end: true,
                    cell: (one) => (
                      <Button
                        size="compact-sm"
                        variant="subtle"
                        onClick={() => setEditing(one)}
                        aria-label={t('Edit {what}', { what: one.name })}
                      >
                        {t('Edit')}
                      </Button>
                    ),
                  },
                ]}
              />
            )
          }
        </Listed>
      </Panel>
      <AccessSimulator />
      {editing && (
        <RoleDialog role={editing === 'new' ? undefined : editing} close={() => setEditing(undefined)} />
      )}
    </>
  );
}
