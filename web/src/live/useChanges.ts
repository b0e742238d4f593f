import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

interface Hint {
  seq: number;
  project: string;
  kind: string;
  resources: string[];
}

/** Changes that come close together are looked at once. */
const TOGETHER_MS = 250;

/** Asks again for what is shown when the server tells that it changed. */
export function useChanges(signedIn: boolean) {
  const queries = useQueryClient();
  useEffect(() => {
    if (!signedIn) return;
    let head: number | undefined;
    let timer: number | undefined;
    const projects = new Set<string>();
    const flush = () => {
      timer = undefined;
      refresh(queries, projects);
      projects.clear();
    };
    const soon = (project: string) => {
      projects.add(project);
      timer ??= window.setTimeout(flush, TOGETHER_MS);
    };
    const stream = new EventSource('/internal/changes');
    stream.onmessage = (event: MessageEvent<string>) => {
      const hint = JSON.parse(event.data) as Hint;
      head = hint.seq;
      soon(hint.project);
    };
    stream.addEventListener('more', () => soon('*'));
    stream.addEventListener('head', (event: MessageEvent<string>) => {
      const now = Number(event.data);
      if (head !== undefined && now > head) soon('*');
      head = now;
    });
    return () => {
      stream.close();
      window.clearTimeout(timer);
    };
  }, [queries, signedIn]);
}

function refresh(queries: QueryClient, projects: Set<string>) {
  void queries.invalidateQueries({
    predicate: ({ queryKey: [scope, key] }) =>
      projects.has('*') || (scope === 'project' ? projects.has(String(key)) : scope === 'account'),
  });
}
