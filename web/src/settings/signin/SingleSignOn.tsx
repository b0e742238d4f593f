import { Badge, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '~/api/account';
import { useText } from '~/i18n/text';
import { CodeBlock } from '~/ui/CodeBlock';
import { Panel } from '~/ui/Panel';
import { Listed } from '../Listed';

const CONFIG = `oidc-issuer = "https://login.example.com"
oidc-client-id = "wigwag"
oidc-scopes = "openid email profile groups"
oidc-group-claim = "groups"

[oidc-groups]
"Flag admins" = { role = "admin", teams = ["operators"] }
"Developers" = { role = "writer" }
`;

const WIDE = { itemWrapper: { display: 'block' }, itemLabel: { display: 'block' } };

/** Whether members sign in at a provider, and how that is configured. */
export function SingleSignOn() {
  const t = useText();
  const session = useQuery(sessionQuery);
  return (
    <Panel
      title={t('Single sign-on')}
      text={t('Members sign in at your OpenID Connect provider, which also says what they may do.')}
      actions={
        <Listed query={session}>
          {({ singleSignOn }) => (
            <Badge size="lg" color={singleSignOn ? 'sea' : 'gray'}>
              {singleSignOn ? t('configured') : t('not configured')}
            </Badge>
          )}
        </Listed>
      }
    >
      <Stack gap="md">
        <Text size="sm">
          {t(
            'It is part of the configuration of the server, so that nobody who can only sign in can change who signs in:',
          )}
        </Text>
        <List size="sm" spacing={10} type="ordered" styles={WIDE}>
          <List.Item>
            {t('Register this address at the provider, as the one to which it sends browsers back:')}
            <CodeBlock text={`${location.origin}/login-return`} what={t('the return address')} />
          </List.Item>
          <List.Item>
            {t('Write this into the configuration file of the server, with your own names:')}
            <CodeBlock text={CONFIG} what={t('the configuration')} />
          </List.Item>
          <List.Item>
            {t('Hand the secret over in the environment, and start the server anew:')}
            <CodeBlock text="WIGWAG_OIDC_CLIENT_SECRET=…" what={t('the variable')} />
          </List.Item>
        </List>
        <Text size="sm" c="dimmed">
          {t('If nobody gets in any more, on the server:')} <code>wigwag owner reset-password</code>
        </Text>
      </Stack>
    </Panel>
  );
}
