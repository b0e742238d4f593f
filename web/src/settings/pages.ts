import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

type Lazy = LazyExoticComponent<ComponentType>;

/** What each section shows; fetched when it is first opened. */
export const PAGES: Record<string, Lazy> = {
  projects: lazy(() => import('./projects/Projects').then((m) => ({ default: m.Projects }))),
  usage: lazy(() => import('./usage/UsagePage').then((m) => ({ default: m.UsagePage }))),
  announcements: lazy(() =>
    import('./announcements/Announcements').then((m) => ({ default: m.Announcements })),
  ),
  members: lazy(() => import('./members/Members').then((m) => ({ default: m.Members }))),
  teams: lazy(() => import('./teams/Teams').then((m) => ({ default: m.Teams }))),
  roles: lazy(() => import('./roles/Roles').then((m) => ({ default: m.Roles }))),
  access: lazy(() => import('./roles/AccessPage').then((m) => ({ default: m.AccessPage }))),
  tokens: lazy(() => import('./tokens/Tokens').then((m) => ({ default: m.Tokens }))),
  oauth: lazy(() => import('./oauth/OAuthClients').then((m) => ({ default: m.OAuthClients }))),
  webhooks: lazy(() => import('./webhooks/Webhooks').then((m) => ({ default: m.Webhooks }))),
  integrations: lazy(() => import('./integrations/Integrations').then((m) => ({ default: m.Integrations }))),
  stores: lazy(() => import('./stores/Stores').then((m) => ({ default: m.Stores }))),
  relay: lazy(() => import('./relay/RelayConfigs').then((m) => ({ default: m.RelayConfigs }))),
  sso: lazy(() => import('./signin/SingleSignOn').then((m) => ({ default: m.SingleSignOn }))),
  scim: lazy(() => import('./signin/Scim').then((m) => ({ default: m.Scim }))),
  addresses: lazy(() => import('./allowlist/IpAllowlist').then((m) => ({ default: m.IpAllowlist }))),
  audit: lazy(() => import('./audit/AuditRecord').then((m) => ({ default: m.AuditRecord }))),
};
