import { useParams } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { environmentsOf, projectsQuery } from '~/api/account';
import type { Place } from '~/api/types';

const LAST = 'wigwag.place';

export function lastPlace(): Partial<Place> {
  try {
    return JSON.parse(localStorage.getItem(LAST) ?? '{}') as Partial<Place>;
  } catch {
    return {};
  }
}

export function rememberPlace(place: Place) {
  localStorage.setItem(LAST, JSON.stringify(place));
}

/** Project and environment of the page, or those that were looked at last: links keep them. */
export function usePlace(): Place | undefined {
  const params = useParams({ strict: false });
  const projects = useQuery(projectsQuery).data?.items;
  const last = lastPlace();
  if (params.project && params.env) return { project: params.project, env: params.env };
  const project = projects?.find((p) => p.key === last.project) ?? projects?.[0];
  const envs = environmentsOf(project);
  const env = envs.find((e) => e.key === last.env) ?? envs[0];
  return project && env ? { project: project.key, env: env.key } : undefined;
}

/** The environments of the project in its own order. */
export function useEnvironments(project: string | undefined) {
  const projects = useQuery(projectsQuery).data?.items;
  return useMemo(() => environmentsOf(projects?.find((p) => p.key === project)), [projects, project]);
}
