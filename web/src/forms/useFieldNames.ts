import { useText } from '~/i18n/text';

/** What fields are called where a form is not there to say it. */
export function useFieldNames(): Record<string, string | undefined> {
  const t = useText();
  return {
    name: t('Name'),
    title: t('Title'),
    message: t('Message'),
    description: t('Description'),
    tags: t('Tags'),
    maintainer: t('Maintainer'),
    client: t('Client-side SDKs (JavaScript)'),
    mobile: t('Mobile SDKs'),
    temporary: t('Temporary: it is to be removed from code one day'),
    rows: t('Variations'),
    deepLink: t('Address'),
    url: t('Address'),
    ipAddress: t('Address'),
    redirectUri: t('Address'),
    color: t('Colour'),
    critical: t('Critical: switches ask before they change it'),
    requireComments: t('Changes need a comment'),
    confirmChanges: t('Changes are confirmed'),
    secureMode: t('Secure mode: browsers must prove their context with a hash'),
    defaultTrackEvents: t('New flags send every evaluation as an event'),
    defaultTtl: t('PHP SDKs keep flags for so many minutes'),
    policy: t('Policy'),
    statements: t('Policy'),
    base: t('Begins with'),
    role: t('Role'),
    customRoles: t('Roles'),
    customRoleIds: t('Roles'),
    customRoleKeys: t('Roles'),
    memberIDs: t('Members'),
    viewKeys: t('Views'),
    severity: t('Weight'),
    from: t('From'),
    until: t('Until'),
    on: t('On'),
  };
}
