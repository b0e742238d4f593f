import { lazyRouteComponent } from '@tanstack/react-router';

/** What draws, with its library: fetched when the first chart is shown, or before by whoever knows of it. */
export const Plot = lazyRouteComponent(() => import('./Plot'));
