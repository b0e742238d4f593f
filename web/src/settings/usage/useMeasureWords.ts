import { useText } from '~/i18n/text';
import type { Subject } from './measures';

/** What measures, groups and ways of summing are called. */
export function useMeasureWords() {
  const t = useText();
  const measures: Record<string, string> = {
    users: t('People (monthly active)'),
    clientUsers: t('People seen by browsers and apps'),
    userKinds: t('People by kind of SDK'),
    contexts: t('Contexts'),
    clientContexts: t('Contexts of browsers and apps'),
    serverContexts: t('Contexts of servers'),
    connections: t('Minutes of connections of services'),
    events: t('Events received'),
    metricEvents: t('Events for metrics'),
    aiRuns: t('Runs of AI models'),
    serverStreams: t('Open streams of servers'),
    clientStreams: t('Open streams of browsers and apps'),
  };
  const subjects: Record<Subject, string> = {
    people: t('People'),
    contexts: t('Contexts'),
    streams: t('Streams'),
    events: t('Events'),
  };
  const groups: Record<string, string> = {
    projectId: t('project'),
    environmentId: t('environment'),
    sdkName: t('SDK'),
    sdkVersion: t('version of the SDK'),
    sdkType: t('type of SDK'),
    sdkAppId: t('application'),
    anonymousV2: t('anonymous or not'),
    connectionType: t('kind of connection'),
    eventKey: t('event'),
    eventKind: t('kind of event'),
  };
  const sums: Record<string, string> = {
    rolling_30d: t('in the 30 days before'),
    month_to_date: t('since the beginning of the month'),
    incremental: t('each day'),
  };
  return { measures, subjects, groups, sums };
}
