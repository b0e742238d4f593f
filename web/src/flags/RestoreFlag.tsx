import { Alert } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useEverywhere } from '~/access/places';
import { enc, flagQuery, patchFlag, type FlagChange } from '~/api/flags';
import { sequenceOf } from '~/api/sequence';
import type { Flag } from '~/api/types';
import { useText } from '~/i18n/text';
import { RestoreDialog } from '~/moments/RestoreDialog';
import { useEnvironments } from '~/shell/place';
import { draftOf } from '~/targeting/draft';
import { draftNeeds } from '~/targeting/needs';
import { patchOf } from '~/targeting/resolve';
import { useSentences } from '~/targeting/useSentences';
import { ABOUT_ACTIONS, aboutInstructions, aboutOf, aboutParts, useAboutSentences } from './about';
import { pastFlagQuery, translated } from './past';

interface Props {
  project: string;
  env: string;
  flag: Flag;
  at: number;
  close: () => void;
}

/** Makes a flag what it was: in one environment, and if wanted its name, tags and so on. */
export function RestoreFlag({ project, env, flag, at, close }: Props) {
  const past = useQuery(pastFlagQuery(project, flag.key, at));
  if (!past.data) return null;
  return <Loaded {...{ project, env, flag, at, close }} past={past.data} />;
}

function Loaded({ project, env, flag, at, close, past }: Props & { past: Flag }) {
  const t = useText();
  const queries = useQueryClient();
  const environment = useEnvironments(project).find((one) => one.key === env);
  const everywhere = useEverywhere(project, flag.key);
  const [also, setAlso] = useState(false);
  const config = flag.environments?.[env];
  const before = config ? draftOf(config) : undefined;
  const then = translated(past, flag, env);
  const safe = before && then?.gone.length === 0 ? then.draft : before;
  const about = also ? aboutOf(past) : aboutOf(flag);
  const empty = { on: false, prerequisites: [], targets: [], rules: [], fallthrough: {} };
  const said = useSentences(flag, before ?? empty, safe ?? empty);
  const aboutSaid = useAboutSentences(aboutOf(flag), about);
  const patch = useQuery({
    queryKey: ['restore', project, env, flag.key, flag._version, config?.version, at],
    queryFn: () => (before && safe ? patchOf(queries, project, flag, before, safe) : []),
    staleTime: Infinity,
  });
  const instructions = [...(patch.data ?? []), ...aboutInstructions(aboutOf(flag), about)];
  const path = `/api/v2/flags/${enc(project)}/${enc(flag.key)}`;
  return (
    <RestoreDialog
      title={t('Restore {name} in {environment}?', {
        name: flag.name || flag.key,
        environment: environment?.name ?? env,
      })}
      at={at}
      draft={`${project}.${env}.${flag.key}`}
      needs={[
        ...draftNeeds(before ?? empty, safe ?? empty, project, env, flag.key),
        ...everywhere(...aboutParts(aboutOf(flag), about).map((part) => ABOUT_ACTIONS[part])),
      ]}
      sentences={[...said, ...aboutSaid]}
      now={{ ...aboutOf(flag), targeting: before }}
      then={{ ...about, targeting: safe }}
      call={
        patch.data && { method: 'PATCH', path, semantic: true, body: { environmentKey: env, instructions } }
      }
      requireComment={environment?.requireComments ?? false}
      also={{
        label: t('Also its name, description, tags, maintainer and who may see it'),
        on: also,
        change: setAlso,
      }}
      note={
        <>
          {!then && (
            <Alert color="gray">
              {t('The environment did not exist then: its targeting stays as it is.')}
            </Alert>
          )}
          {then && then.gone.length > 0 && (
            <Alert color="yellow">
              {t('It served variations that are gone by now: {names}. Its targeting stays as it is.', {
                names: then.gone.join(', '),
              })}
            </Alert>
          )}
        </>
      }
      save={async (body) => {
        const saved = await patchFlag(project, flag.key, body as unknown as FlagChange, sequenceOf(flag));
        queries.setQueryData(flagQuery(project, flag.key).queryKey, saved);
        await queries.invalidateQueries({ queryKey: ['project', project] });
      }}
      close={close}
    />
  );
}
