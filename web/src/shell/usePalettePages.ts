import { useMantineColorScheme } from '@mantine/core';
import { onFlag, onSegment } from '~/access/places';
import { useMayEach } from '~/access/useMay';
import type { Needs } from '~/access/questions';
import type { Place } from '~/api/types';
import { useLanguage } from '~/i18n/language';
import { LANGUAGES, useText } from '~/i18n/text';
import { useSections } from '~/settings/useSections';
import { onView } from '~/views/api';
import type { Entry } from './paletteEntry';

interface Guarded extends Entry {
  /** Without it the entry is not there. */
  needs?: Needs;
}

/** Pages and actions of the command palette: those the caller may use. */
export function usePalettePages(place: Place | undefined, shortcuts: () => void): Entry[] {
  const t = useText();
  const sections = useSections().flatMap(({ sections }) => sections);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { language, choose } = useLanguage();
  const { project = '', env = '' } = place ?? {};
  const at = place ? `/projects/${project}/${env}` : '';
  const page = (to: string, label: string, preview: string, needs?: Needs): Guarded => ({
    id: to,
    to,
    label,
    kind: t('page'),
    preview: preview === '' ? [] : [preview],
    needs,
  });
  const dialog = (to: string, label: string, needs?: Needs): Guarded => ({
    id: to,
    to,
    label,
    kind: t('action'),
    preview: [t('Opens the dialog. Nothing changes before you save.')],
    needs,
  });
  const act = (id: string, label: string, preview: string, act: () => void): Guarded => ({
    id,
    label,
    kind: t('action'),
    preview: [preview],
    act,
  });
  const settings = (section: string, label: string, needs?: Needs) =>
    dialog(`/settings/${section}?open=new`, label, needs);
  const here = [
    page(`${at}/flags`, t('Flags'), t('All flags of the project, with their state in each environment.')),
    dialog(`${at}/flags?create=1`, t('Create a flag'), onFlag('createFlag', project, env)),
    page(
      `${at}/segments`,
      t('Segments'),
      t('Groups of contexts that rules of flags can name, in this environment.'),
    ),
    dialog(`${at}/segments?create=1`, t('Create a segment'), onSegment('createSegment', project, env)),
    page(
      `${at}/views`,
      t('Views'),
      t(
        'Flags and segments that belong together, whoever made them: to find them, to give roles rights on them, and to hold SDK keys to them.',
      ),
    ),
    dialog(`${at}/views?open=new`, t('Create a view'), onView('createView', project)),
    page(
      `${at}/contexts`,
      t('Contexts'),
      t('Users, devices and organisations that SDKs evaluated flags for in this environment.'),
    ),
    page(
      `${at}/playground`,
      t('Playground'),
      t('Paste a context and see what it gets of every flag. Nothing is recorded.'),
    ),
    page(
      `${at}/compare`,
      t('Compare environments'),
      t('What is not the same in two environments, or was not the same before.'),
    ),
    page(
      `${at}/compare?moments=1`,
      t('Compare two moments'),
      t('What is not the same in two environments, or was not the same before.'),
    ),
    page(
      `${at}/changes`,
      t('Change history'),
      t('Everything that was changed, by whom and why. Entries cannot be edited.'),
    ),
    page(
      `${at}/events`,
      t('Live events'),
      t('What SDKs send to this environment, as it arrives. Nothing is kept of it here.'),
    ),
    page(
      `${at}/instances`,
      t('SDK instances'),
      t('SDKs that hold a stream open to this server, and the version of the environment each was sent.'),
    ),
    page(`${at}/start`, t('Connect an SDK'), t('Code with the key and address in it.')),
  ];
  const account = [
    ...sections.map(({ key, label, needs }) => page(`/settings/${key}`, label, '', needs)),
    page('/profile', t('Profile and security'), t('Password, second factor, sessions, theme and language.')),
    settings('projects', t('Create a project'), ['createProject', 'proj/*']),
    settings('members', t('Invite members'), ['createMember', 'member/*']),
    settings('teams', t('Create a team'), ['createTeam', 'team/*']),
    settings('roles', t('Create a role'), ['createRole', 'role/*']),
    settings('tokens', t('Create an access token')),
    settings('webhooks', t('Create a webhook'), ['createWebhook', 'webhook/*']),
    settings('integrations', t('Add an integration'), ['createIntegration', 'integration/*']),
    settings('announcements', t('Create an announcement'), ['createAnnouncement', 'acct']),
    ...(colorScheme === 'dark'
      ? [act('light', t('Light theme'), t('Kept in this browser.'), () => setColorScheme('light'))]
      : [act('dark', t('Dark theme'), t('Kept in this browser.'), () => setColorScheme('dark'))]),
    ...LANGUAGES.filter(({ value }) => value !== language).map(({ value, label }) =>
      act(`language-${value}`, label, t('Kept in this browser.'), () => choose(value)),
    ),
    act('shortcuts', t('Keyboard shortcuts'), t('What keys do.'), shortcuts),
    { ...page('/docs/api', t('API reference'), t('Every operation of the REST API.')), id: 'docs' },
  ];
  const all: Guarded[] = place ? [...here, ...account] : account;
  const guarded = all.filter(({ needs }) => needs);
  const may = useMayEach(guarded.map(({ needs }) => needs ?? ['viewAccount', 'acct']));
  const hidden = new Set(guarded.filter((_, index) => may[index] === false).map(({ id }) => id));
  return all.filter(({ id }) => !hidden.has(id));
}
