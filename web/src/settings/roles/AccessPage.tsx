import { Alert, Button, Group, Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useReason } from '~/access/useReason';
import { membersQuery } from '~/api/account';
import { api, ask } from '~/api/client';
import { useText } from '~/i18n/text';
import { ErrorState } from '~/ui/ErrorState';
import { Panel } from '~/ui/Panel';
import { personName } from '~/ui/person';
import { QuestionFields, useFirstQuestion } from './QuestionFields';
import { Rulings } from './Rulings';

/** May they, and why? */
export function AccessPage() {
  const t = useText();
  const reason = useReason();
  const members = useQuery(membersQuery);
  const first = useFirstQuestion();
  const [member, setMember] = useState<string | null>(null);
  const [now, setNow] = useState(first);
  const [asked, setAsked] = useState<typeof first & { member?: string }>(first);
  const answer = useQuery({
    queryKey: ['account', 'explain', asked],
    queryFn: ({ signal }) => ask(api.GET('/api/v2/explain-access', { params: { query: asked }, signal })),
    retry: false,
  });
  const found = answer.data;
  return (
    <Panel
      title={t('May they, and why?')}
      text={t('Which statement of which role decides, and what every other role says.')}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setAsked({ ...now, ...(member ? { member } : {}) });
        }}
      >
        <Group align="flex-end" gap="xs">
          <Select
            label={t('Who')}
            w={200}
            clearable
            searchable
            placeholder={t('I')}
            data={(members.data?.items ?? []).map((one) => ({ value: one._id, label: personName(one) }))}
            value={member}
            onChange={setMember}
          />
          <QuestionFields value={now} onChange={setNow} />
          <Button type="submit" loading={answer.isFetching}>
            {t('Ask')}
          </Button>
        </Group>
      </form>
      <div aria-live="polite">
        {answer.isError && <ErrorState error={answer.error} />}
        {found && (
          <>
            <Alert
              mt="md"
              variant="light"
              color={found.allowed ? 'sea' : 'signal'}
              title={found.allowed ? t('Allowed') : t('Denied')}
            >
              <Text size="sm">{reason(found)}</Text>
            </Alert>
            <Rulings checks={found.checks} />
          </>
        )}
      </div>
    </Panel>
  );
}
