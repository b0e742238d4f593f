import { Button } from '@mantine/core';
import { useState } from 'react';
import { ChangeList } from '~/changes/ChangeList';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { RestoreFlag } from './RestoreFlag';

interface Props {
  project: string;
  env: string;
  flag: Flag;
  /** Shows the flag as it was. */
  look: (at: number) => void;
}

/** All changes of the flag; after each it can be looked at, and restored. */
export function HistoryTab({ project, env, flag, look }: Props) {
  const t = useText();
  const [at, setAt] = useState<number>();
  return (
    <>
      <ChangeList
        project={project}
        resources={[flagResource(project, flag.key)]}
        actions={({ date }, title) => (
          <>
            <Button
              variant="subtle"
              size="compact-xs"
              onClick={() => look(date)}
              aria-label={t('Show the flag after: {what}', { what: title })}
            >
              {t('Show')}
            </Button>
            {!flag.archived && (
              <Button
                variant="subtle"
                size="compact-xs"
                onClick={() => setAt(date)}
                aria-label={t('Restore the flag after: {what}', { what: title })}
              >
                {t('Restore…')}
              </Button>
            )}
          </>
        )}
      />
      {at !== undefined && <RestoreFlag {...{ project, env, flag, at }} close={() => setAt(undefined)} />}
    </>
  );
}

export function flagResource(project: string, flag: string): string {
  return `proj/${project}:env/*:flag/${flag}`;
}
