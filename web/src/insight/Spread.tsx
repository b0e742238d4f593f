import { Progress, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { ErrorState } from '~/ui/ErrorState';
import { Panel } from '~/ui/Panel';
import { spreadQuery } from './api';
import classes from './insight.module.css';

/** Changes that are shown, the newest first. */
const SHOWN = 5;

interface Props {
  project: string;
  env: string;
  version: number | undefined;
  behind: number | undefined;
}

/** How the last changes reached everybody who was connected. */
export function Spread({ project, env, version, behind }: Props) {
  const t = useText();
  const query = useQuery(spreadQuery(project, env));
  const items = query.data?.items.slice(0, SHOWN) ?? [];
  return (
    <Panel
      title={t('How the last changes reached them')}
      text={
        version !== undefined && (
          <span role="status">
            {t('The environment is at version {version}.', { version })}{' '}
            {t(
              '{behind, plural, =0 {Everybody has it.} one {# instance does not have it yet.} other {# instances do not have it yet.}}',
              {
                behind: behind ?? 0,
              },
            )}
          </span>
        )
      }
    >
      {query.isError ? (
        <ErrorState error={query.error} />
      ) : !query.data ? (
        <Skeleton h={90} />
      ) : items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('Nothing was changed since this server started.')}
        </Text>
      ) : (
        items.map((change) => {
          const reached = change.written + change.closed;
          const share = (reached / Math.max(1, change.streams)) * 100;
          return (
            <div className={classes.spread} key={change.version}>
              <Text size="sm" fw={550}>
                {t('version {version}', { version: change.version })}
              </Text>
              {change.streams === 0 ? (
                <span />
              ) : (
                <Progress
                  value={share}
                  color={change.complete ? 'sea' : 'yellow'}
                  aria-label={t('{percent} % reached', { percent: Math.floor(share) })}
                />
              )}
              <Text size="sm">
                {change.streams === 0
                  ? t('nobody was connected')
                  : t('{written, number} of {streams, number}', {
                      written: change.written,
                      streams: change.streams,
                    })}
                {change.after != null && ` · ${t('{after, number} ms', { after: change.after })}`}
              </Text>
              <Text size="sm" c="dimmed" component="div">
                <Ago at={change.publishedAt} />
              </Text>
            </div>
          );
        })
      )}
    </Panel>
  );
}
