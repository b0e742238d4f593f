import { Button, Menu, Text } from '@mantine/core';
import { IconArchive, IconChevronDown, IconPower, IconTag, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schemas } from '~/api/client';
import { ActButton } from '~/access/ActButton';
import { onFlag, useEverywhere } from '~/access/places';
import { useMayEach } from '~/access/useMay';
import { useText } from '~/i18n/text';
import { EnvDot } from '~/shell/EnvDot';
import type { BulkAction } from './bulk';
import { BulkDialog } from './BulkDialog';
import { useSelection } from './selection';
import classes from './FlagsTable.module.css';

interface Props {
  project: string;
  environments: Schemas['EnvironmentRep'][];
}

/** What can be done to the flags that are chosen. */
export function BulkBar({ project, environments }: Props) {
  const t = useText();
  const { flags, clear } = useSelection();
  const [action, setAction] = useState<BulkAction>();
  // Rights are those on the first one; what is refused of the others is told when they are changed.
  const [first] = flags.keys();
  const everywhere = useEverywhere(project, first);
  const mayTurn = useMayEach(environments.map(({ key }) => onFlag('updateOn', project, key, first)));
  if (flags.size === 0) return null;
  const archived = [...flags.values()].every((flag) => flag.archived);
  const turns = [
    { kind: 'on', label: t('Turn on in') },
    { kind: 'off', label: t('Turn off in') },
  ] as const;
  return (
    <div className={classes.bulk} role="region" aria-label={t('Selected flags')}>
      <Text size="sm" fw={600} flex={1} aria-live="polite">
        {t('{count, plural, one {# flag} other {# flags}} selected', { count: flags.size })}
      </Text>
      {turns.map(({ kind, label }) => (
        <Menu shadow="md" position="top-end" key={kind}>
          <Menu.Target>
            <Button
              variant="default"
              leftSection={<IconPower size={15} aria-hidden />}
              rightSection={<IconChevronDown size={14} aria-hidden />}
            >
              {label}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {environments.map((env, index) => (
              <Menu.Item
                key={env.key}
                leftSection={<EnvDot color={env.color} />}
                disabled={mayTurn[index] === false}
                rightSection={mayTurn[index] === false && <Text size="xs">{t('not allowed')}</Text>}
                onClick={() => setAction({ kind, env: env.key })}
              >
                {env.name}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      ))}
      <Menu shadow="md" position="top-end">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconTag size={15} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
          >
            {t('Tags')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAction({ kind: 'tag', tags: [] })}>{t('Add tags…')}</Menu.Item>
          <Menu.Item onClick={() => setAction({ kind: 'untag', tags: [] })}>{t('Remove tags…')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ActButton
        variant="default"
        needs={everywhere('updateGlobalArchived')}
        leftSection={<IconArchive size={15} aria-hidden />}
        onClick={() => setAction({ kind: archived ? 'restore' : 'archive' })}
      >
        {archived ? t('Restore…') : t('Archive…')}
      </ActButton>
      <Button variant="subtle" color="gray" leftSection={<IconX size={14} aria-hidden />} onClick={clear}>
        {t('Clear selection')}
      </Button>
      {action && (
        <BulkDialog
          project={project}
          environments={environments}
          first={action}
          close={() => setAction(undefined)}
        />
      )}
    </div>
  );
}
