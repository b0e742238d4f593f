import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import type { Flag } from '~/api/types';
import type { Draft } from './draft';
import type { Note } from './editing';
import { patchOf } from './resolve';

interface Linted {
  lint?: Note[] | Schemas['Findings'];
}

/** Notes of the linter about the draft, as it would be once saved. */
export function useLint(
  project: string,
  env: string,
  flag: Flag,
  base: Draft,
  draft: Draft | undefined,
): Note[] {
  const queries = useQueryClient();
  const [calm] = useDebouncedValue(draft, 350);
  const path = `/api/v2/flags/${enc(project)}/${enc(flag.key)}?expand=lint`;
  const lint = useQuery({
    queryKey: ['project', project, 'lint', flag.key, env, flag.environments?.[env]?.version, calm],
    queryFn: async () => {
      const patch = calm ? await patchOf(queries, project, flag, base, calm) : [];
      if (patch.length === 0) return items((await send<Linted>('GET', path)).lint);
      const body = { environmentKey: env, instructions: patch };
      const at = `/api/v2/projects/${enc(project)}/flags/${enc(flag.key)}/lint`;
      return (await send<Schemas['Findings']>('POST', at, body, true)).items;
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (lint.data ?? []).filter((note) => note.environment === env);
}

function items(lint: Linted['lint']): Note[] {
  return Array.isArray(lint) ? lint : (lint?.items ?? []);
}
