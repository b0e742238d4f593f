import { api, ask, type Schemas } from '~/api/client';
import { BETA } from '~/api/request';

export interface Asked {
  from: string;
  to: string;
  projectKey?: string;
  groupBy?: string;
  aggregationType?: string;
}

type List = Schemas['SeriesListRep'];

export interface Measure {
  key: string;
  /** By what it may be told apart. */
  groups: string[];
  /** How it is summed, the usual way first. */
  sums: string[];
  /** A sum over time means something. */
  adds?: boolean;
  /** It is of one project if that is asked. */
  inProject?: boolean;
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
  groups: [...USERS, 'sdkType'],
  sums: DAILY,
  inProject: true,
  read: (query, signal) => ask(api.GET('/api/v2/usage/total-mau', { params: { query, header }, signal })),
};

/** What can be charted: the operations of account usage that Wigwag counts something for. */
export const MEASURES: Measure[] = [
  PEOPLE,
  {
    key: 'clientUsers',
    groups: USERS,
    sums: DAILY,
    inProject: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/clientside-mau', { params: { query, header }, signal })),
  },
  {
    key: 'contexts',
    groups: [...USERS, 'sdkType'],
    sums: DAILY,
    inProject: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/total-contexts', { params: { query, header }, signal })),
  },
  {
    key: 'clientContexts',
    groups: USERS,
    sums: DAILY,
    inProject: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/clientside-contexts', { params: { query, header }, signal })),
  },
  {
    key: 'serverContexts',
    groups: USERS,
    sums: DAILY,
    inProject: true,
    seconds: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/serverside-contexts', { params: { query, header }, signal })),
  },
  {
    key: 'connections',
    groups: ['projectId', 'environmentId', 'connectionType', 'sdkName', 'sdkVersion', 'sdkType', 'sdkAppId'],
    sums: HOURLY,
    adds: true,
    inProject: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/service-connections', { params: { query, header }, signal })),
  },
  {
    key: 'events',
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
    groups: ['environmentId', 'eventKey', 'eventKind'],
    sums: HOURLY,
    adds: true,
    inProject: true,
    read: (query, signal) =>
      ask(api.GET('/api/v2/usage/experimentation-events', { params: { query, header }, signal })),
  },
  {
    key: 'serverStreams',
    groups: [],
    sums: [],
    read: ({ from, to }, signal) => streams('server', from, to, signal),
  },
  {
    key: 'clientStreams',
    groups: [],
    sums: [],
    read: ({ from, to }, signal) => streams('client', from, to, signal),
  },
];

function streams(source: string, from: string, to: string, signal: AbortSignal) {
  const params = { path: { source }, query: { from, to }, header };
  return ask(api.GET('/api/v2/usage/streams/{source}', { params, signal }));
}
