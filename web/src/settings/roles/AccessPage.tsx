import { Alert, Button, Group, Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useReason } from '~/access/useReason';
import { membersQuery } from '~/api/account';
import { api, ask } from '~/api/client';
import { same } from '~/forms/threeWay';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { ErrorState } from '~/ui/ErrorState';
import { Panel } from '~/ui/Panel';
import { personName } from '~/ui/person';
import { QuestionFields, useFirstQuestion } from './QuestionFields';
import { Rulings } from './Rulings';

const route = getRouteApi('/settings/$section');

/** May they, and why? The question is in the address, so that the answer can be shared. */
export function AccessPage() {
  const t = useText();
  const reason = useReason();
  const members = useQuery(membersQuery);
  const first = useFirstQuestion();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const { member, action = first.action, resource = first.resource } = search;
  const asked = { action, resource, ...(member ? { member } : {}) };
  const [now, setNow, forget] = useKept<typeof asked>(`access.${JSON.stringify(asked)}`, asked);
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
          forget();
          if (same(now, asked)) void answer.refetch();
          else void navigate({ search: now });
        }}
      >
        <Group align="flex-end" gap="xs">
          <Select
            label={t('Who')}
            w={200}
            clearable
            searchable
            placeholder={t('Myself')}
            data={(members.data?.items ?? []).map((one) => ({ value: one._id, label: personName(one) }))}
            value={now.member ?? null}
            onChange={(member) => setNow({ ...now, member: member ?? undefined })}
          />
          <QuestionFields value={now} onChange={(question) => setNow({ ...now, ...question })} />
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
