import { useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';

/** The title of the window is the page's heading, once it is there. */
export function usePageTitle() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    const say = () => {
      const heading = document.querySelector('h1')?.textContent;
      document.title = heading ? `${heading} · Wigwag` : 'Wigwag';
    };
    const timer = window.setTimeout(say, 300);
    return () => window.clearTimeout(timer);
  }, [path]);
}
