import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Needs } from '~/access/questions';
import { ReadOnly } from '~/access/ReadOnly';
import { useMay } from '~/access/useMay';
import { api, ask, type Schemas } from '~/api/client';
import { request } from '~/api/request';
import { ConfirmDialog } from '~/forms/ConfirmDialog';
import { useText } from '~/i18n/text';
import { Panel } from '~/ui/Panel';
import { Listed } from '../Listed';

type Whom = Schemas['RequireMfaRep']['requireMfa'];

const MAY: Needs = ['updateRequireMfa', 'acct'];

/** Of whom a second factor is demanded. */
export function RequiredFactor() {
  const t = useText();
  const query = useQuery({
    queryKey: ['account', 'require-mfa'],
    queryFn: ({ signal }) => ask(api.GET('/internal/require-mfa', { signal })),
  });
  return (
    <Panel
      title={t('Second factor')}
      text={t('Who must have a code of an authenticator app besides the password.')}
    >
      <Listed query={query}>{({ requireMfa }) => <Choice now={requireMfa} />}</Listed>
    </Panel>
  );
}

function Choice({ now }: { now: Whom }) {
  const t = useText();
  const { allowed, refusal } = useMay(MAY);
  const [asking, setAsking] = useState<Whom>();
  const names: Record<Whom, string> = {
    none: t('Nobody'),
    admins: t('Admins and owners'),
    everyone: t('Everyone'),
  };
  return (
    <Stack gap="sm" align="flex-start">
      <Group gap="sm">
        <SegmentedControl
          aria-label={t('Who must have a second factor')}
          value={now}
          disabled={allowed !== true}
          onChange={(whom) => setAsking(whom as Whom)}
          data={Object.entries(names).map(([value, label]) => ({ value, label }))}
        />
        <ReadOnly refusal={refusal} />
      </Group>
      <Text size="sm" c="dimmed">
        {t('Access tokens are not concerned, nor is who signs in at a provider, which has its own.')}
      </Text>
      {asking && (
        <ConfirmDialog
          title={t('Change who must have a second factor?')}
          text={
            asking === 'none'
              ? t('Nobody is asked to set one up any more. Those who have one keep it.')
              : t(
                  'Who has none is signed out at once, and sets one up after the password. You need one yourself.',
                )
          }
          label={asking === 'none' ? t('Switch off') : t('Switch on')}
          danger
          needs={MAY}
          call={request('put', '/internal/require-mfa', { body: { requireMfa: asking } })}
          close={() => setAsking(undefined)}
        />
      )}
    </Stack>
  );
}
