import { Text } from '@mantine/core';
import type { ColumnDef } from '@tanstack/react-table';
import type { ReactNode } from 'react';
import type { Schemas } from '~/api/client';
import type { Flag } from '~/api/types';
import type { Text as Translate } from '~/i18n/text';
import { EnvDot } from '~/shell/EnvDot';
import { Ago } from '~/ui/Ago';
import { Person } from '~/ui/Person';
import { TagList } from '~/ui/TagList';
import { EnvToggle } from './EnvToggle';
import { FlagName } from './FlagName';
import { SelectFlag } from './SelectBoxes';
import classes from './FlagsTable.module.css';

export interface FlagColumnMeta {
  cell: (flag: Flag) => ReactNode;
}

type Environment = Schemas['EnvironmentRep'];

/** The columns of the list. What a cell shows is in `meta`: rows are made of pages, not of the table's data. */
export function flagColumns(
  t: Translate,
  project: string,
  environments: Environment[],
  all: ReactNode,
): ColumnDef<Flag>[] {
  const column = (
    id: string,
    header: ReactNode,
    size: number,
    cell: FlagColumnMeta['cell'],
  ): ColumnDef<Flag> => ({
    id,
    header: () => header,
    size,
    meta: { cell } satisfies FlagColumnMeta,
  });
  return [
    column('select', all, 42, (flag) => (
      <div className={classes.check}>
        <SelectFlag flag={flag} />
      </div>
    )),
    column('flag', t('Flag'), 248, (flag) => <FlagName flag={flag} />),
    ...environments.map((env) =>
      column(
        `env:${env.key}`,
        <span className={classes.env}>
          <EnvDot color={env.color} />
          {env.name}
        </span>,
        148,
        (flag) => <EnvToggle project={project} flag={flag} environment={env} />,
      ),
    ),
    column('tags', t('Tags'), 138, (flag) => <TagList tags={flag.tags} letters={16} />),
    column('maintainer', t('Maintainer'), 172, (flag) =>
      flag._maintainerTeam ? (
        <Text size="sm">{flag._maintainerTeam.name}</Text>
      ) : (
        <Person of={flag._maintainer} />
      ),
    ),
    column('created', t('Created'), 106, (flag) => (
      <Text size="sm" c="dimmed">
        <Ago at={flag.creationDate} />
      </Text>
    )),
    column('changed', t('Changed'), 106, (flag) => (
      <Text size="sm" c="dimmed">
        <Ago at={lastChanged(flag)} />
      </Text>
    )),
  ];
}

function lastChanged(flag: Flag): number {
  return Math.max(
    flag.creationDate,
    ...Object.values(flag.environments ?? {}).map((config) => config.lastModified),
  );
}
