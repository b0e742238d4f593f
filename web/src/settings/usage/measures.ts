import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '~/api/client';
import { BETA } from '~/api/request';

export interface Asked {
  from: string;
  to: string;
  projectKey?: string;
  groupBy?: string;
  aggregationType?: string;
  sdkName?: string;
}

/** What measures are about: they are listed under it. */
export type Subject = 'people' | 'contexts' | 'streams' | 'events';

type List = Schemas['SeriesListRep'];

export interface Measure {
  key: string;
  subject: Subject;
  /** By what it may be told apart. */
  groups: string[];
  /** How it is summed, the usual way first. */
  sums: string[];
  /** A sum over time means something. */
  adds?: boolean;
  /** It is of one project if that is asked. */
  inProject?: boolean;
  /** It is of one SDK if that is asked. */
  ofSdk?: boolean;
  /** `from` and `to` are seconds. */
  seconds?: boolean;
  read: (asked: Asked, signal: AbortSignal) => Promise<List>;
}

const DAILY = ['rolling_30d', 'month_to_date', 'incremental'];
const HOURLY = ['incremental', 'month_to_date'];
const USERS = ['projectId', 'environmentId', 'sdkName', 'sdkAppId', 'anonymousV2'];
const header = BETA;

/** What is shown first. */
export const PEOPLE: Measure = {
  key: 'users',
  subject: 'people',
  groups: [...USERS, 'sdkType'],
  sums: DAILY,
  inProject: true,
  ofSdk: true,
  read: (query, signal) => ask(api.GET('/api/v2/usage/total-mau', { params: { query, header }, signal })),
};

/**
 * What can be charted: the operations of account usage that Wigwag counts something for. Evaluations are on the page of
 * their flag; `usage/mau` says the same as `total-mau` and `total-contexts`.
 */
export const MEASURES: Measure[] = [
  PEOPLE,
  {
    key: 'clientUsers',
    subject: 'people',
    groups: USERS,
    sums: DAILY,
    inProject: true,
    ofSdk: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/clientside-mau', { params: { query, header }, signal })),
  },
  {
    key: 'userKinds',
    subject: 'people',
    groups: [],
    sums: [],
    read: ({ from, to }, signal) =>
      ask(api.GET('/api/v2/usage/mau/bycategory', { params: { query: { from, to }, header }, signal })),
  },
  {
    key: 'contexts',
    subject: 'contexts',
    groups: [...USERS, 'sdkType'],
    sums: DAILY,
    inProject: true,
    ofSdk: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/total-contexts', { params: { query, header }, signal })),
  },
  {
    key: 'clientContexts',
    subject: 'contexts',
    groups: USERS,
    sums: DAILY,
    inProject: true,
    ofSdk: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/clientside-contexts', { params: { query, header }, signal })),
  },
  {
    key: 'serverContexts',
    subject: 'contexts',
    groups: USERS,
    sums: DAILY,
    inProject: true,
    ofSdk: true,
    seconds: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/serverside-contexts', { params: { query, header }, signal })),
  },
  {
    key: 'connections',
    subject: 'streams',
    groups: ['projectId', 'environmentId', 'connectionType', 'sdkName', 'sdkVersion', 'sdkType', 'sdkAppId'],
    sums: HOURLY,
    adds: true,
    inProject: true,
    ofSdk: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/service-connections', { params: { query, header }, signal })),
  },
  {
    key: 'events',
    subject: 'events',
    groups: [],
    sums: [],
    adds: true,
    read: ({ from, to }, signal) =>
      ask(
        api.GET('/api/v2/usage/events/{type}', {
          params: { path: { type: 'received' }, query: { from, to }, header },
          signal,
        }),
      ),
  },
  {
    key: 'metricEvents',
    subject: 'events',
    groups: ['environmentId', 'eventKey', 'eventKind'],
    sums: HOURLY,
    adds: true,
    inProject: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/experimentation-events', { params: { query, header }, signal })),
  },
  {
    key: 'aiRuns',
    subject: 'events',
    groups: ['projectId', 'environmentId', 'sdkName', 'sdkVersion', 'sdkType'],
    sums: HOURLY,
    adds: true,
    inProject: true,
    ofSdk: true,
    read: (query, signal) => ask(api.GET('/api/v2/usage/ai-runs', { params: { query, header }, signal })),
  },
  {
    key: 'serverStreams',
    subject: 'streams',
    groups: ['sdkVersion'],
    sums: [],
    read: (query, signal) => streams('server', query, signal),
  },
  {
    key: 'clientStreams',
    subject: 'streams',
    groups: ['sdkVersion'],
    sums: [],
    read: (query, signal) => streams('client', query, signal),
  },
];

function streams(source: string, { from, to, groupBy }: Asked, signal: AbortSignal) {
  const params = { path: { source }, query: { from, to }, header };
  return groupBy
    ? ask(api.GET('/api/v2/usage/streams/{source}/bysdkversion', { params, signal }))
    : ask(api.GET('/api/v2/usage/streams/{source}', { params, signal }));
}

/** Names of SDKs that were seen. */
export const sdksQuery = queryOptions({
  queryKey: ['account', 'usage', 'sdks'],
  queryFn: ({ signal }) => ask(api.GET('/api/v2/usage/mau/sdks', { params: { header }, signal })),
  staleTime: 60_000,
});
