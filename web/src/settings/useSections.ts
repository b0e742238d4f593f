import { useText } from '~/i18n/text';
import { VERIFY } from '~/access/places';
import type { Needs } from '~/access/questions';

export interface Section {
  key: string;
  label: string;
  /** Without it the section is not there. */
  needs?: Needs;
}

/** The pages of the settings by what they are about; the palette lists the same. */
export function useSections(): { label: string; sections: Section[] }[] {
  const t = useText();
  return [
    {
      label: t('Work'),
      sections: [
        { key: 'projects', label: t('Projects') },
        { key: 'usage', label: t('Usage') },
        { key: 'announcements', label: t('Announcements') },
      ],
    },
    {
      label: t('People'),
      sections: [
        { key: 'members', label: t('Members') },
        { key: 'teams', label: t('Teams') },
        { key: 'roles', label: t('Roles') },
        { key: 'access', label: t('Access check') },
      ],
    },
    {
      label: t('Programs'),
      sections: [
        { key: 'tokens', label: t('Access tokens') },
        { key: 'oauth', label: t('OAuth clients') },
        { key: 'webhooks', label: t('Webhooks') },
        { key: 'integrations', label: t('Integrations') },
        { key: 'stores', label: t('Persistent stores') },
        { key: 'relay', label: t('Relay Proxies') },
      ],
    },
    {
      label: t('Security'),
      sections: [
        { key: 'sso', label: t('Single sign-on') },
        { key: 'factor', label: t('Second factor') },
        { key: 'scim', label: t('Provisioning (SCIM)'), needs: ['createMember', 'member/*'] },
        { key: 'addresses', label: t('IP allowlist'), needs: ['viewIpAllowlist', 'ip-allowlist'] },
        { key: 'audit', label: t('Audit record'), needs: VERIFY },
      ],
    },
  ];
}
