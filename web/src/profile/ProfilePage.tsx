import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { Page } from '~/ui/Page';
import { personName } from '~/ui/person';
import { Appearance } from './Appearance';
import { PasswordPanel } from './PasswordPanel';
import { SecondFactor } from './SecondFactor';
import { Sessions } from './Sessions';

export function ProfilePage() {
  const t = useText();
  const session = useQuery(sessionQuery).data;
  return (
    <Page
      title={t('Profile and security')}
      text={[...new Set([personName(session?.member), session?.member?.email])].filter(Boolean).join(' · ')}
    >
      <Appearance />
      <PasswordPanel />
      <SecondFactor on={session?.mfa === 'enabled'} />
      <Sessions />
    </Page>
  );
}
