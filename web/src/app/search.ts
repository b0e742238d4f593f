/** What addresses hold besides the path. Anything unknown is dropped, so that old links still open. */

type Raw = Record<string, unknown>;

function text(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export interface Listing {
  /** In the API's own filter language. */
  filter?: string;
  sort?: string;
  q?: string;
  page?: number;
}

export function listing(raw: Raw): Listing {
  const page = Number(raw.page);
  return {
    filter: text(raw, 'filter'),
    sort: text(raw, 'sort'),
    q: text(raw, 'q'),
    page: Number.isInteger(page) && page > 0 ? page : undefined,
  };
}

export interface SettingsSearch extends Listing, UsageSearch, AccessSearch {
  /** The dialog that is open: `new`, or the id of what is edited. */
  open?: string;
}

export function settings(raw: Raw): SettingsSearch {
  return { ...listing(raw), ...usage(raw), ...access(raw), open: text(raw, 'open') };
}

/** What the charts of usage show. */
export interface UsageSearch {
  measure?: string;
  days?: string;
  sum?: string;
  group?: string;
  project?: string;
  sdk?: string;
}

function usage(raw: Raw): UsageSearch {
  const [measure, days, sum] = [text(raw, 'measure'), text(raw, 'days'), text(raw, 'sum')];
  return {
    measure,
    days,
    sum,
    group: text(raw, 'group'),
    project: text(raw, 'project'),
    sdk: text(raw, 'sdk'),
  };
}

/** Whether somebody may do something. */
export interface AccessSearch {
  member?: string;
  action?: string;
  resource?: string;
}

function access(raw: Raw): AccessSearch {
  return { member: text(raw, 'member'), action: text(raw, 'action'), resource: text(raw, 'resource') };
}

export interface ViewSearch {
  open?: string;
  /** What is searched among its flags, and among its segments. */
  flags?: string;
  segments?: string;
}

export function view(raw: Raw): ViewSearch {
  return { open: text(raw, 'open'), flags: text(raw, 'flags'), segments: text(raw, 'segments') };
}

export interface FlagsSearch extends Listing {
  /** Columns that are hidden, by commas. */
  hide?: string;
  /** The dialog that creates a flag is open. */
  create?: 1;
}

export function flags(raw: Raw): FlagsSearch {
  return { ...listing(raw), hide: text(raw, 'hide'), create: raw.create ? 1 : undefined };
}

/** A moment in milliseconds since 1970; now where it is missing. */
function moment(raw: Raw, name = 'at'): number | undefined {
  const at = Number(raw[name]);
  return Number.isSafeInteger(at) && at > 0 ? at : undefined;
}

export const FLAG_TABS = [
  'targeting',
  'variations',
  'evaluations',
  'history',
  'code',
  'links',
  'settings',
] as const;
export type FlagTab = (typeof FLAG_TABS)[number];

export function flag(raw: Raw): { tab?: FlagTab; at?: number } {
  return { tab: FLAG_TABS.find((tab) => tab === raw.tab && tab !== 'targeting'), at: moment(raw) };
}

export interface SegmentsSearch extends Listing {
  /** The dialog that creates a segment is open. */
  create?: 1;
}

export function segments(raw: Raw): SegmentsSearch {
  return { ...listing(raw), create: raw.create ? 1 : undefined };
}

export function segment(raw: Raw): { at?: number } {
  return { at: moment(raw) };
}

export function playground(raw: Raw): { context?: string; q?: string } {
  const context = raw.context;
  const shown =
    typeof context === 'object' && context !== null ? JSON.stringify(context) : text(raw, 'context');
  return { context: shown, q: text(raw, 'q') };
}

export interface CompareSearch {
  with?: string;
  /** Moments are compared, not environments. */
  moments?: 1;
  from?: number;
  to?: number;
}

export function compare(raw: Raw): CompareSearch {
  const [from, to] = [moment(raw, 'from'), moment(raw, 'to')];
  return { with: text(raw, 'with'), moments: raw.moments ? 1 : undefined, from, to };
}

export interface ChangesSearch {
  q?: string;
  /** The project, where it is left out. */
  scope?: 'env' | 'account';
  member?: string;
  /** The one that is shown with its details. */
  entry?: string;
}

export function changes(raw: Raw): ChangesSearch {
  const scope = raw.scope === 'env' || raw.scope === 'account' ? raw.scope : undefined;
  return { q: text(raw, 'q'), scope, member: text(raw, 'member'), entry: text(raw, 'entry') };
}

export interface EventsSearch {
  kind?: string;
  flag?: string;
  contextKind?: string;
  contextKey?: string;
}

export function events(raw: Raw): EventsSearch {
  return {
    kind: text(raw, 'kind'),
    flag: text(raw, 'flag'),
    contextKind: text(raw, 'contextKind'),
    contextKey: text(raw, 'contextKey'),
  };
}

export interface InstancesSearch {
  kind?: 'server' | 'mobile' | 'client';
  behind?: boolean;
  page?: number;
}

export function instances(raw: Raw): InstancesSearch {
  const kinds = ['server', 'mobile', 'client'] as const;
  return {
    kind: kinds.find((kind) => kind === raw.kind),
    behind: raw.behind === true || undefined,
    page: listing(raw).page,
  };
}
