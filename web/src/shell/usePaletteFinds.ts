import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { environmentsOf, projectsQuery, rolesQuery } from '~/api/account';
import { api, ask } from '~/api/client';
import { enc, flagsPage } from '~/api/flags';
import { segmentsQuery } from '~/api/segments';
import type { Flag, Place } from '~/api/types';
import { contextsQuery } from '~/contexts/api';
import { word } from '~/flags/filter';
import { useText } from '~/i18n/text';
import { personName } from '~/ui/person';
import { viewsQuery } from '~/views/api';
import type { Entry } from './paletteEntry';

/** Found of each kind at most. */
const MOST = 5;
const FLAGS = 8;

/** Flags by name or key, with their state in the environment. */
export function flagSearch(place: Place | undefined, text: string) {
  const filter = text === '' ? undefined : `query:${word(text)}`;
  const envs = place ? [place.env] : [];
  return flagsPage(place?.project ?? '', { filter, envs, page: 0, limit: FLAGS });
}

function peopleSearch(text: string) {
  const query = { filter: `query:${word(text)}`, limit: MOST };
  return queryOptions({
    queryKey: ['account', 'members', 'found', text],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/members', { params: { query }, signal })),
  });
}

function teamSearch(text: string) {
  const query = { filter: `query:${word(text)}`, limit: MOST };
  return queryOptions({
    queryKey: ['account', 'teams', 'found', text],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/teams', { params: { query }, signal })),
  });
}

/** What there is of that name besides flags, pages and actions. What may not be seen is not found. */
export function usePaletteFinds(place: Place | undefined, asked: string): Entry[] {
  const t = useText();
  const sought = asked.length > 1;
  const { project = '', env = '' } = place ?? {};
  const here = sought && place !== undefined;
  const quiet = { retry: false, placeholderData: keepPreviousData };
  const segments = useQuery({
    ...segmentsQuery(project, env, `query:${word(asked)}`),
    ...quiet,
    enabled: here,
  });
  const views = useQuery({ ...viewsQuery(project), retry: false, enabled: here });
  const contexts = useQuery({
    ...contextsQuery(project, env, `q equals "${word(asked).replaceAll('"', '')}"`),
    ...quiet,
    enabled: here,
  });
  const members = useQuery({ ...peopleSearch(asked), ...quiet, enabled: sought });
  const teams = useQuery({ ...teamSearch(asked), ...quiet, enabled: sought });
  const roles = useQuery({ ...rolesQuery, retry: false, enabled: sought });
  const projects = useQuery(projectsQuery);
  if (!sought) return [];
  const needle = asked.toLowerCase();
  const named = (...words: (string | null | undefined)[]) =>
    words.some((one) => one?.toLowerCase().includes(needle));
  return [
    ...(segments.data?.items ?? [])
      .filter((one) => named(one.name, one.key))
      .slice(0, MOST)
      .map((one) => ({
        id: `segment-${one.key}`,
        label: one.name || one.key,
        kind: t('segment'),
        itsKey: one.key,
        preview: one.description ? [one.description] : [],
        to: `/projects/${enc(project)}/${enc(env)}/segments/${enc(one.key)}`,
      })),
    ...(views.data?.items ?? [])
      .filter((one) => named(one.name, one.key))
      .slice(0, MOST)
      .map((one) => ({
        id: `view-${one.key}`,
        label: one.name,
        kind: t('view'),
        itsKey: one.key,
        preview: one.description ? [one.description] : [],
        to: `/projects/${enc(project)}/${enc(env)}/views/${enc(one.key)}`,
      })),
    ...(projects.data?.items ?? []).flatMap((one) => [
      ...(named(one.name, one.key)
        ? [
            {
              id: `project-${one.key}`,
              label: one.name,
              kind: t('project'),
              itsKey: one.key,
              preview: [t('Its environments and their keys.')],
              to: `/settings/projects/${enc(one.key)}`,
            },
          ]
        : []),
      ...environmentsOf(one)
        .filter((its) => named(its.name, its.key))
        .map((its) => ({
          id: `env-${one.key}-${its.key}`,
          label: `${one.name} · ${its.name}`,
          kind: t('environment'),
          itsKey: `${one.key}/${its.key}`,
          preview: [t('Goes to the flags of this environment.')],
          to: `/projects/${enc(one.key)}/${enc(its.key)}/flags`,
        })),
    ]),
    ...(members.data?.items ?? [])
      .filter((one) => named(personName(one), one.email))
      .map((one) => ({
        id: `member-${one._id}`,
        label: personName(one),
        kind: t('member'),
        itsKey: one.email,
        to: `/settings/members?open=${enc(one._id)}`,
      })),
    ...(teams.data?.items ?? [])
      .filter((one) => named(one.name, one.key))
      .map((one) => ({
        id: `team-${one.key}`,
        label: one.name ?? one.key ?? '',
        kind: t('team'),
        itsKey: one.key,
        preview: one.description ? [one.description] : [],
        to: `/settings/teams?open=${enc(one.key ?? '')}`,
      })),
    ...(roles.data?.items ?? [])
      .filter((one) => named(one.name, one.key))
      .slice(0, MOST)
      .map((one) => ({
        id: `role-${one.key}`,
        label: one.name,
        kind: t('role'),
        itsKey: one.key,
        preview: one.description ? [one.description] : [],
        to: `/settings/roles?open=${enc(one.key)}`,
      })),
    ...(contexts.data?.items ?? []).slice(0, MOST).map((one) => {
      const { kind, key, name } = one.context as { kind: string; key: string; name?: string };
      return {
        id: `context-${kind}-${key}`,
        label: name ?? key,
        kind,
        itsKey: key,
        preview: [t('What it gets of every flag, and why.')],
        to: `/projects/${enc(project)}/${enc(env)}/contexts/${enc(kind)}/${enc(key)}`,
      };
    }),
  ];
}

/** A flag, and turning it on or off here. */
export function flagEntries(
  t: ReturnType<typeof useText>,
  place: Place,
  environment: string,
  flag: Flag,
  says: string,
  turn: (flag: Flag, on: boolean) => void,
): [Entry, Entry] {
  const label = flag.name || flag.key;
  const on = flag.environments?.[place.env]?.on ?? false;
  return [
    {
      id: `flag-${flag.key}`,
      label,
      kind: t('flag'),
      itsKey: flag.key,
      preview: [flag.description ?? '', says, flag.tags.join(', ')],
      to: `/projects/${enc(place.project)}/${enc(place.env)}/flags/${enc(flag.key)}`,
    },
    {
      id: `turn-${flag.key}`,
      label: on
        ? t('Turn off {flag} in {environment}', { flag: label, environment })
        : t('Turn on {flag} in {environment}', { flag: label, environment }),
      kind: t('action'),
      itsKey: flag.key,
      preview: [says, t('Asks first, with room for a comment.')],
      act: () => turn(flag, !on),
    },
  ];
}
