import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMay } from '~/access/useMay';
import { api, ask } from '~/api/client';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import { CodeBlock } from '~/ui/CodeBlock';
import { Panel } from '~/ui/Panel';

/** Letters with their links, where no mail server is configured. */
export function UnsentMail() {
  const t = useText();
  const { allowed } = useMay(['createMember', 'member/*'], ['updateRole', 'member/*']);
  const letters = useQuery({
    queryKey: ['account', 'letters'],
    queryFn: ({ signal }) => ask(api.GET('/internal/mail', { signal })),
    enabled: allowed === true,
  }).data?.items;
  if (!letters || letters.length === 0) return null;
  return (
    <Panel
      title={t('Letters that were not sent')}
      text={t(
        'No mail server is configured (WIGWAG_SMTP_URL). Hand these over yourself; their links work once.',
      )}
    >
      <Stack gap="md">
        {letters.map((letter) => (
          <div key={`${letter.at}-${letter.to}`}>
            <Text size="sm" mb={4}>
              <b>{letter.to}</b> · {letter.subject} · <Ago at={letter.at} />
            </Text>
            <CodeBlock text={letter.text.trim()} what={t('the letter to {who}', { who: letter.to })} />
          </div>
        ))}
      </Stack>
    </Panel>
  );
}
