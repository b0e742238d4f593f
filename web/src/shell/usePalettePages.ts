import type { Place } from '~/api/types';
import { useText } from '~/i18n/text';
import { useSections } from '~/settings/useSections';

/** Pages and actions of the command palette. */
export function usePalettePages(place: Place | undefined) {
  const t = useText();
  const sections = useSections().flatMap(({ sections }) => sections);
  const at = place ? `/projects/${place.project}/${place.env}` : '';
  const page = (to: string, label: string) => ({ id: to, to, label, hint: t('page') });
  const here = [
    page(`${at}/flags`, t('Flags')),
    { ...page(`${at}/flags?create=1`, t('Create a flag')), hint: t('action') },
    page(`${at}/segments`, t('Segments')),
    page(`${at}/views`, t('Views')),
    page(`${at}/contexts`, t('Contexts')),
    page(`${at}/playground`, t('Playground')),
    page(`${at}/compare`, t('Compare environments')),
    page(`${at}/changes`, t('Change history')),
    page(`${at}/events`, t('Live events')),
    page(`${at}/instances`, t('SDK instances')),
    page(`${at}/start`, t('Connect an SDK')),
  ];
  const account = [
    ...sections.map(({ key, label }) => page(`/settings/${key}`, label)),
    page('/profile', t('Profile and security')),
    { ...page('?', t('Keyboard shortcuts')), hint: t('action') },
  ];
  return place ? [...here, ...account] : account;
}
