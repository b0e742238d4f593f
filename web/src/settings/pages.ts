import { lazyRouteComponent, type AsyncRouteComponent } from '@tanstack/react-router';

/** What each section shows; fetched when it is first opened, by the router before it shows the page. */
export const PAGES: Record<string, AsyncRouteComponent<object>> = {
  projects: lazyRouteComponent(() => import('./projects/Projects'), 'Projects'),
  usage: lazyRouteComponent(() => import('./usage/UsagePage'), 'UsagePage'),
  announcements: lazyRouteComponent(() => import('./announcements/Announcements'), 'Announcements'),
  members: lazyRouteComponent(() => import('./members/Members'), 'Members'),
  teams: lazyRouteComponent(() => import('./teams/Teams'), 'Teams'),
  roles: lazyRouteComponent(() => import('./roles/Roles'), 'Roles'),
  access: lazyRouteComponent(() => import('./roles/AccessPage'), 'AccessPage'),
  tokens: lazyRouteComponent(() => import('./tokens/Tokens'), 'Tokens'),
  oauth: lazyRouteComponent(() => import('./oauth/OAuthClients'), 'OAuthClients'),
  webhooks: lazyRouteComponent(() => import('./webhooks/Webhooks'), 'Webhooks'),
  integrations: lazyRouteComponent(() => import('./integrations/Integrations'), 'Integrations'),
  stores: lazyRouteComponent(() => import('./stores/Stores'), 'Stores'),
  relay: lazyRouteComponent(() => import('./relay/RelayConfigs'), 'RelayConfigs'),
  sso: lazyRouteComponent(() => import('./signin/SingleSignOn'), 'SingleSignOn'),
  factor: lazyRouteComponent(() => import('./signin/RequiredFactor'), 'RequiredFactor'),
  scim: lazyRouteComponent(() => import('./signin/Scim'), 'Scim'),
  addresses: lazyRouteComponent(() => import('./allowlist/IpAllowlist'), 'IpAllowlist'),
  audit: lazyRouteComponent(() => import('./audit/AuditRecord'), 'AuditRecord'),
};
