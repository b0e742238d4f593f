import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { environmentsIn } from '~/api/account';
import { changesQuery } from '~/api/changes';
import { flagQuery, flagsPage } from '~/api/flags';
import { resourceOfSegment, segmentQuery, segmentsQuery } from '~/api/segments';
import { kindsQuery } from '~/targeting/useKinds';
import { inViewsQuery, viewsQuery } from '~/views/api';
import { Plot } from '~/charts/fetched';
import { TAB_PARTS } from '~/flags/tabs';
import { withColumns } from '~/flags/withColumns';
import { PAGES } from '~/settings/pages';
import { JsonEditorField } from '~/ui/fetched';
import { LoadingPage } from '~/ui/LoadingPage';
import { ErrorPage } from '~/ui/ErrorPage';
import { NotFound } from '~/ui/NotFound';
import { PlaceGate } from '~/shell/PlaceGate';
import { Root } from '~/shell/Root';
import { Home } from '~/shell/Home';
import { ahead, aheadOfList, aheadOfProjects, parts } from './ahead';
import * as search from './search';

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

const home = createRoute({ getParentRoute: () => root, path: '/', component: Home });
const page = createRoute({
  getParentRoute: () => root,
  path: '/index.html',
  beforeLoad: () => {
    throw redirect({ to: '/' });
  },
});

const place = createRoute({
  getParentRoute: () => root,
  path: '/projects/$project/$env',
  component: PlaceGate,
});
const settings = createRoute({ getParentRoute: () => root, path: '/settings' });

const flags = createRoute({
  getParentRoute: () => place,
  path: '/flags',
  validateSearch: search.flags,
  component: lazyRouteComponent(() => import('~/flags/FlagsPage'), 'FlagsPage'),
  loaderDeps: ({ search: { filter, sort } }) => ({ filter, sort }),
  loader: ({ params: { project, env }, deps }) =>
    aheadOfProjects((projects) => {
      const all = environmentsIn(projects, project);
      const envs = withColumns(all, env).map(({ key }) => key);
      if (envs.length > 0) ahead(flagsPage(project, { ...deps, envs, page: 0 }));
    }),
});
const flag = createRoute({
  getParentRoute: () => place,
  path: '/flags/$flag',
  validateSearch: search.flag,
  component: lazyRouteComponent(() => import('~/flags/FlagPage'), 'FlagPage'),
  loaderDeps: ({ search: { tab = 'targeting' } }) => ({ tab }),
  loader: async ({ params, deps: { tab } }) => {
    ahead(flagQuery(params.project, params.flag));
    await parts(...TAB_PARTS[tab]);
  },
});
/** Where the API's own links to flags lead. */
const site = createRoute({
  getParentRoute: () => root,
  path: '/$project/$env/features/$flag',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/projects/$project/$env/flags/$flag', params });
  },
});
const segments = createRoute({
  getParentRoute: () => place,
  path: '/segments',
  validateSearch: search.segments,
  component: lazyRouteComponent(() => import('~/segments/SegmentsPage'), 'SegmentsPage'),
  loaderDeps: ({ search: { filter } }) => ({ filter }),
  loader: ({ params, deps }) => ahead(segmentsQuery(params.project, params.env, deps.filter)),
});
const segment = createRoute({
  getParentRoute: () => place,
  path: '/segments/$segment',
  validateSearch: search.segment,
  component: lazyRouteComponent(() => import('~/segments/SegmentPage'), 'SegmentPage'),
  loader: ({ params: { project, env, segment } }) => {
    ahead(segmentQuery(project, env, segment));
    aheadOfList(
      changesQuery(['project', project], { resources: [resourceOfSegment(project, env, segment)] }),
    );
    ahead(kindsQuery(project));
    ahead(viewsQuery(project));
    aheadOfProjects((projects) => {
      const id = environmentsIn(projects, project).find(({ key }) => key === env)?._id;
      if (id) ahead(inViewsQuery(project, 'segments', segment, id));
    });
  },
});
const views = createRoute({
  getParentRoute: () => place,
  path: '/views',
  validateSearch: search.settings,
  component: lazyRouteComponent(() => import('~/views/ViewsPage'), 'ViewsPage'),
});
const view = createRoute({
  getParentRoute: () => place,
  path: '/views/$view',
  validateSearch: search.view,
  component: lazyRouteComponent(() => import('~/views/ViewPage'), 'ViewPage'),
});
const contexts = createRoute({
  getParentRoute: () => place,
  path: '/contexts',
  validateSearch: search.listing,
  component: lazyRouteComponent(() => import('~/contexts/ContextsPage'), 'ContextsPage'),
});
const context = createRoute({
  getParentRoute: () => place,
  path: '/contexts/$kind/$key',
  validateSearch: search.listing,
  component: lazyRouteComponent(() => import('~/contexts/ContextPage'), 'ContextPage'),
});
const playground = createRoute({
  getParentRoute: () => place,
  path: '/playground',
  validateSearch: search.playground,
  component: lazyRouteComponent(() => import('~/contexts/PlaygroundPage'), 'PlaygroundPage'),
  loader: () => parts(JsonEditorField),
});
const compare = createRoute({
  getParentRoute: () => place,
  path: '/compare',
  validateSearch: search.compare,
  component: lazyRouteComponent(() => import('~/compare/ComparePage'), 'ComparePage'),
});
const changes = createRoute({
  getParentRoute: () => place,
  path: '/changes',
  validateSearch: search.changes,
  component: lazyRouteComponent(() => import('~/changes/ChangesPage'), 'ChangesPage'),
});
const start = createRoute({
  getParentRoute: () => place,
  path: '/start',
  component: lazyRouteComponent(() => import('~/start/StartPage'), 'StartPage'),
});
const events = createRoute({
  getParentRoute: () => place,
  path: '/events',
  validateSearch: search.events,
  component: lazyRouteComponent(() => import('~/insight/EventsPage'), 'EventsPage'),
});
const instances = createRoute({
  getParentRoute: () => place,
  path: '/instances',
  validateSearch: search.instances,
  component: lazyRouteComponent(() => import('~/insight/StreamsPage'), 'StreamsPage'),
});
const settingsPage = createRoute({
  getParentRoute: () => settings,
  path: '/$section',
  validateSearch: search.settings,
  component: lazyRouteComponent(() => import('~/settings/SettingsPage'), 'SettingsPage'),
  loader: ({ params: { section } }) => parts(PAGES[section], section === 'usage' ? Plot : undefined),
});
const projectSettings = createRoute({
  getParentRoute: () => settings,
  path: '/projects/$project',
  validateSearch: search.settings,
  component: lazyRouteComponent(() => import('~/settings/projects/ProjectPage'), 'ProjectPage'),
});
const webhook = createRoute({
  getParentRoute: () => settings,
  path: '/webhooks/$id',
  component: lazyRouteComponent(() => import('~/settings/webhooks/WebhookPage'), 'WebhookPage'),
});
const subscription = createRoute({
  getParentRoute: () => settings,
  path: '/integrations/$kind/$id',
  component: lazyRouteComponent(() => import('~/settings/integrations/SubscriptionPage'), 'SubscriptionPage'),
});
const profile = createRoute({
  getParentRoute: () => root,
  path: '/profile',
  component: lazyRouteComponent(() => import('~/profile/ProfilePage'), 'ProfilePage'),
});

const routes = root.addChildren([
  home,
  page,
  site,
  place.addChildren([
    flags,
    flag,
    segments,
    segment,
    views,
    view,
    contexts,
    context,
    playground,
    compare,
    changes,
    events,
    instances,
    start,
  ]),
  settings.addChildren([settingsPage, projectSettings, webhook, subscription]),
  profile,
]);

export const router = createRouter({
  routeTree: routes,
  defaultPreload: 'intent',
  defaultPendingComponent: LoadingPage,
  defaultErrorComponent: ErrorPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
