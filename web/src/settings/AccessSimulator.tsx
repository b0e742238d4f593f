import { Alert, Button, Group, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { membersQuery } from '~/api/account';
import { send, type Schemas } from '~/api/client';
import { useText } from '~/i18n/text';
import { usePlace } from '~/shell/place';
import { ErrorState } from '~/ui/ErrorState';
import { Panel } from '~/ui/Panel';
import { personName } from '~/ui/person';

interface Question {
  member: string | null;
  action: string;
  resource: string;
}

/** May they, and why? */
export function AccessSimulator() {
  const t = useText();
  const members = useQuery(membersQuery);
  const place = usePlace();
  const [now, setNow] = useState<Question>({
    member: null,
    action: 'updateOn',
    resource: `proj/${place?.project ?? 'default'}:env/${place?.env ?? 'production'}:flag/*`,
  });
  const [asked, setAsked] = useState<Question>();
  const answer = useQuery({
    queryKey: ['account', 'explain', asked],
    queryFn: () => {
      const params = new URLSearchParams({ action: asked?.action ?? '', resource: asked?.resource ?? '' });
      if (asked?.member) params.set('member', asked.member);
      return send<Schemas['AccessExplanation']>('GET', `/api/v2/explain-access?${params}`);
    },
    enabled: asked !== undefined,
    retry: false,
  });
  return (
    <Panel title={t('May they, and why?')} text={t('Which statement of which role decides.')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(now);
        }}
      >
        <Group align="flex-end" gap="xs">
          <Select
            label={t('Who')}
            w={220}
            clearable
            searchable
            placeholder={t('I')}
            data={(members.data?.items ?? []).map((one) => ({ value: one._id, label: personName(one) }))}
            value={now.member}
            onChange={(member) => setNow({ ...now, member })}
          />
          <TextInput
            label={t('Action')}
            w={180}
            classNames={{ input: 'mono' }}
            value={now.action}
            onChange={(event) => setNow({ ...now, action: event.currentTarget.value })}
          />
          <TextInput
            label={t('Resource')}
            flex="1 1 260px"
            classNames={{ input: 'mono' }}
            value={now.resource}
            onChange={(event) => setNow({ ...now, resource: event.currentTarget.value })}
          />
          <Button type="submit" variant="default" loading={answer.isFetching}>
            {t('Ask')}
          </Button>
        </Group>
      </form>
      {answer.isError && <ErrorState error={answer.error} />}
      {answer.data && (
        <Alert
          mt="md"
          color={answer.data.allowed ? 'sea' : 'signal'}
          title={answer.data.allowed ? t('Allowed') : t('Denied')}
        >
          {answer.data.summary}
        </Alert>
      )}
    </Panel>
  );
}
