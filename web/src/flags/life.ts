import { queryOptions } from '@tanstack/react-query';
import { api, ask, send, type Schemas } from '~/api/client';
import { enc } from '~/api/flags';
import { remembered, together } from '~/api/together';

/** Events come all the time and are no changes: what is shown of them may be so old. */
const STALE_MS = 60_000;

/** What SDKs made of a flag in every environment: `new`, `active`, `launched` or `inactive`. */
export function statusQuery(projectKey: string, featureFlagKey: string) {
  return queryOptions({
    queryKey: ['life', projectKey, featureFlagKey],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v2/flag-status/{projectKey}/{featureFlagKey}', {
          params: { path: { projectKey, featureFlagKey } },
          signal,
        }),
      ),
    staleTime: STALE_MS,
  });
}

/** What counted evaluations can be divided by, besides variations. */
export type Division = 'sdkName' | 'sdkAppId';

/** One series and what it counts. */
export interface EvaluationSeries {
  /** Index of the variation; null for the fallback of the code. */
  variation: number | null;
  sdkName?: string;
  sdkAppId?: string;
  counts: number[];
}

export interface EvaluationCounts {
  times: number[];
  series: EvaluationSeries[];
}

/** How often a flag was evaluated since so many milliseconds, in steps that the server chooses by that. */
export function evaluationsQuery(project: string, env: string, flag: string, span: number, by?: Division) {
  return queryOptions({
    queryKey: ['evaluations', project, env, flag, span, by],
    queryFn: async ({ signal }) => {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const query = new URLSearchParams({ from: String(Date.now() - span), tz: zone });
      if (by) query.set('groupBy', by);
      const path = `/api/v2/usage/evaluations/${enc(project)}/${enc(env)}/${enc(flag)}?${query.toString()}`;
      return seriesOf(
        await send<Schemas['SeriesListRep']>('GET', path, undefined, false, { signal, beta: true }),
      );
    },
    staleTime: STALE_MS,
  });
}

/** The same in one environment. Rows that ask at once are one request. */
export function statusInQuery(project: string, env: string, flag: string) {
  return queryOptions({
    queryKey: ['life', project, env, flag],
    queryFn: () => statuses(project, env)(flag),
    staleTime: STALE_MS,
  });
}

/** Evaluations of the last week by day, all variations together. Rows that ask at once are one request. */
export function weekQuery(project: string, env: string, flag: string) {
  return queryOptions({
    queryKey: ['week', project, env, flag],
    queryFn: () => weeks(project, env)(flag),
    staleTime: STALE_MS,
  });
}

/** Flags of one request at most. */
const AT_ONCE = 100;
const DAYS = 7;

const statuses = remembered((project, env) =>
  together<Schemas['FlagStatusesAtAGlance']['items'][number]>(AT_ONCE, async (flags) => {
    const path = { projectKey: project, environmentKey: env };
    const { items } = await ask(
      api.POST('/api/v2/projects/{projectKey}/environments/{environmentKey}/flag-statuses', {
        params: { path },
        body: { flags },
      }),
    );
    return new Map(items.map((status) => [status.key, status]));
  }),
);

const weeks = remembered((project, env) =>
  together<number[]>(AT_ONCE, async (flags) => {
    const path = { projectKey: project, environmentKey: env };
    const { items } = await ask(
      api.POST('/api/v2/projects/{projectKey}/environments/{environmentKey}/evaluations/sparklines', {
        params: { path },
        body: { flags, days: DAYS },
      }),
    );
    return new Map(items.map(({ key, counts }) => [key, counts]));
  }),
);

interface Points {
  metadata: Record<string, unknown>[];
  series: Record<string, number>[];
}

export function seriesOf(answer: unknown): EvaluationCounts {
  const { metadata, series } = answer as Points;
  return {
    times: series.map((point) => point.time ?? 0),
    series: metadata.map((about, index) => ({
      variation: typeof about.variation === 'number' ? about.variation : null,
      sdkName: typeof about.sdkName === 'string' ? about.sdkName : undefined,
      sdkAppId: typeof about.sdkAppId === 'string' ? about.sdkAppId : undefined,
      counts: series.map((point) => point[String(index)] ?? 0),
    })),
  };
}
