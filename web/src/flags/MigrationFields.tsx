import { Group, Select } from '@mantine/core';
import { useText } from '~/i18n/text';
import { useKinds } from '~/targeting/useKinds';
import type { Migration } from './newFlag';

interface Props {
  project: string;
  migration: Migration;
  change: (migration: Migration) => void;
}

/** How a migration goes from the old system to the new one. */
export function MigrationFields({ project, migration, change }: Props) {
  const t = useText();
  const kinds = useKinds(project);
  const stages = [
    { value: '2', label: t('2: off, complete') },
    { value: '4', label: t('4: off, shadow, live, complete') },
    { value: '6', label: t('6: off, dual write, shadow, live, ramp down, complete') },
  ];
  return (
    <Group grow align="flex-start">
      <Select
        label={t('Stages')}
        description={t('They cannot be changed later.')}
        data={stages}
        value={String(migration.stageCount)}
        onChange={(value) => change({ ...migration, stageCount: Number(value) as Migration['stageCount'] })}
      />
      {migration.stageCount === 6 && (
        <Select
          label={t('Kind of context that moves')}
          description={t('Contexts of it go from stage to stage.')}
          data={kinds}
          value={migration.contextKind || 'user'}
          onChange={(contextKind) => change({ ...migration, contextKind: contextKind ?? 'user' })}
        />
      )}
    </Group>
  );
}
