import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { environmentsOf, projectsQuery } from '~/api/account';
import { useText } from '~/i18n/text';

/** Names a series by what it is about: ids become names of projects and environments. */
export function useSeriesNames(whole: string) {
  const t = useText();
  const projects = useQuery(projectsQuery).data?.items;
  return useCallback(
    (about: Record<string, unknown>): string => {
      const names = new Map<string, string>();
      for (const project of projects ?? []) {
        names.set(project._id, project.name);
        for (const env of environmentsOf(project)) names.set(env._id, `${project.name} · ${env.name}`);
      }
      const words = Object.entries(about)
        .filter(([, value]) => typeof value === 'string' || typeof value === 'boolean')
        .map(([name, value]) => {
          const text = String(value);
          if (name.startsWith('anonymous')) return text === 'true' ? t('anonymous') : t('known');
          return text === '' ? t('unknown') : (names.get(text) ?? text);
        });
      return words.join(' · ') || whole;
    },
    [projects, t, whole],
  );
}
