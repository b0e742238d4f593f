import { Anchor, Badge, Group, Stack, Text } from '@mantine/core';
import { IconCode } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { LoadingPage } from '~/ui/LoadingPage';
import { Panel } from '~/ui/Panel';
import { hunkUrl } from './hunks';
import classes from './code.module.css';

type Repository = Schemas['CodeRepository'];
type Branch = Schemas['CodeBranch'];

/** Where code names the flag, on the default branch of each repository. */
export function CodeTab({ project, flag }: { project: string; flag: Flag }) {
  const t = useText();
  const query = useQuery({
    queryKey: ['project', project, 'code', flag.key],
    queryFn: ({ signal }) =>
      send<{ items: Repository[] }>(
        'GET',
        `/api/v2/code-refs/repositories?withReferencesForDefaultBranch=1&projKey=${enc(project)}&flagKey=${enc(flag.key)}`,
        undefined,
        false,
        { signal },
      ),
  });
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <LoadingPage />;
  const found = query.data.items.flatMap((repository) => {
    const branch = repository.branches?.find((one) => one.references && one.references.length > 0);
    return branch ? [{ repository, branch }] : [];
  });
  if (found.length === 0) {
    return (
      <EmptyState
        icon={<IconCode size={40} stroke={1.4} color="var(--muted)" aria-hidden />}
        title={t('No code names this flag')}
        text={
          query.data.items.length === 0
            ? t(
                'Run ld-find-code-refs in the pipeline of a repository: it tells this server which lines name which flags.',
              )
            : t(
                'Where the code of {count, plural, one {# repository} other {# repositories}} was searched, the flag was not found.',
                {
                  count: query.data.items.length,
                },
              )
        }
      />
    );
  }
  return (
    <Stack gap={0}>
      {found.map(({ repository, branch }) => (
        <Repo key={repository.name} repository={repository} branch={branch} />
      ))}
    </Stack>
  );
}

function Repo({ repository, branch }: { repository: Repository; branch: Branch }) {
  const t = useText();
  const files = branch.references ?? [];
  const hunks = files.reduce((sum, file) => sum + file.hunks.length, 0);
  return (
    <Panel
      title={
        <Group gap="xs">
          {repository.sourceLink ? (
            <Anchor href={repository.sourceLink} target="_blank" rel="noreferrer" inherit c="inherit">
              {repository.name}
            </Anchor>
          ) : (
            repository.name
          )}
          <Badge color="gray">{branch.name}</Badge>
        </Group>
      }
      text={
        <>
          {t(
            '{hunks, plural, one {# place} other {# places}} in {files, plural, one {# file} other {# files}}',
            {
              hunks,
              files: files.length,
            },
          )}{' '}
          · {t('searched')} <Ago at={branch.syncTime} />
        </>
      }
    >
      <Stack gap="md">
        {files.map((file) => (
          <div key={file.path}>
            <Text size="sm" className="mono" fw={550} mb={4}>
              {file.path}
            </Text>
            {file.hunks.map((hunk) => {
              const url = hunkUrl(repository, branch, file.path, hunk.startingLineNumber);
              return (
                <div className={classes.hunk} key={hunk.startingLineNumber}>
                  <Text size="xs" c="dimmed" className={classes.line}>
                    {url ? (
                      <Anchor href={url} target="_blank" rel="noreferrer" size="xs" underline="always">
                        {t('line {n}', { n: hunk.startingLineNumber })}
                      </Anchor>
                    ) : (
                      t('line {n}', { n: hunk.startingLineNumber })
                    )}
                    {hunk.aliases && hunk.aliases.length > 0 && (
                      <> · {t('as {names}', { names: hunk.aliases.join(', ') })}</>
                    )}
                  </Text>
                  {hunk.lines && (
                    <pre className={classes.lines} tabIndex={0}>
                      {hunk.lines}
                    </pre>
                  )}
                </div>
              );
            })}
          </div>
        ))}
      </Stack>
    </Panel>
  );
}
