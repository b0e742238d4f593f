import { lazyRouteComponent } from '@tanstack/react-router';

/** The editor of JSON, with its library: fetched when it is first needed, or before by whoever knows of it. */
export const JsonEditorField = lazyRouteComponent(() => import('./JsonEditorField'));
