import { lazyRouteComponent } from '@tanstack/react-router';
import type { FlagTab } from '~/app/search';
import { Plot } from '~/charts/fetched';

// What the page of a flag consists of, each fetched when it is first shown.
export const TargetingTab = lazyRouteComponent(() => import('~/targeting/TargetingTab'), 'TargetingTab');
export const VariationsTab = lazyRouteComponent(() => import('./VariationsTab'), 'VariationsTab');
export const EvaluationsTab = lazyRouteComponent(() => import('./EvaluationsTab'), 'EvaluationsTab');
export const HistoryTab = lazyRouteComponent(() => import('./HistoryTab'), 'HistoryTab');
export const CodeTab = lazyRouteComponent(() => import('./CodeTab'), 'CodeTab');
export const LinksTab = lazyRouteComponent(() => import('./LinksTab'), 'LinksTab');
export const SettingsTab = lazyRouteComponent(() => import('./SettingsTab'), 'SettingsTab');
export const PastFlag = lazyRouteComponent(() => import('./PastFlag'), 'PastFlag');
export const RestoreFlag = lazyRouteComponent(() => import('./RestoreFlag'), 'RestoreFlag');
export const TimeSlider = lazyRouteComponent(() => import('~/moments/TimeSlider'), 'TimeSlider');

/** What each tab consists of. */
export const TAB_PARTS: Record<FlagTab, { preload?: () => Promise<void> | undefined }[]> = {
  targeting: [TargetingTab],
  variations: [VariationsTab],
  evaluations: [EvaluationsTab, Plot],
  history: [HistoryTab],
  code: [CodeTab],
  links: [LinksTab],
  settings: [SettingsTab],
};
