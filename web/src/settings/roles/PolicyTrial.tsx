import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useReason } from '~/access/useReason';
import { api, ask } from '~/api/client';
import { useKept } from '~/forms/useKept';
import { useText } from '~/i18n/text';
import { useWords } from '~/ui/useWords';
import { QuestionFields, useFirstQuestion } from './QuestionFields';
import { readPolicy, type Statement } from './policy';

/** What a role begins with that sees everything, as a statement after its own. */
const SEEING = {
  effect: 'allow',
  actions: ['view*'],
  resources: ['acct', 'proj/*', 'proj/*:env/*', 'member/*', 'team/*', 'role/*'],
};

interface Props {
  text: string;
  /** What the role says before. */
  before?: Statement[];
  reader: boolean;
}

/** Tries a policy that is being written: would it allow this? */
export function PolicyTrial({ text, before = [], reader }: Props) {
  const t = useText();
  const words = useWords();
  const reason = useReason();
  const first = useFirstQuestion();
  const [now, setNow] = useKept('policy.trial', first);
  const [asked, setAsked] = useState<typeof first>();
  const own = readPolicy(text);
  const policy = own && [...before, ...own];
  const answer = useQuery({
    queryKey: ['trial', asked, text, reader],
    queryFn: async () => {
      const whole = policy && (reader ? [...policy, SEEING] : policy);
      const body = { questions: asked ? [asked] : [], policy: whole };
      return (await ask(api.POST('/api/v2/explain-access', { body }))).items[0];
    },
    enabled: asked !== undefined && policy !== undefined,
    retry: false,
  });
  const found = answer.data;
  return (
    <Stack gap={8}>
      <Text size="sm" fw={500}>
        {t('Try it')}
      </Text>
      <Group align="flex-end" gap="xs">
        <QuestionFields value={now} onChange={setNow} />
        <Button variant="default" onClick={() => setAsked(now)} loading={answer.isFetching}>
          {t('Try')}
        </Button>
      </Group>
      <div aria-live="polite">
        {answer.isError && (
          <Text size="sm" c="signal">
            {words(answer.error)}
          </Text>
        )}
        {found && (
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <Badge color={found.allowed ? 'sea' : 'signal'} style={{ flex: 'none' }}>
              {found.allowed ? t('Allowed') : t('Denied')}
            </Badge>
            <Text size="sm">
              {found.decidedBy?.statementIndex === policy?.length
                ? t('The role begins with seeing everything.')
                : reason(found)}
            </Text>
          </Group>
        )}
      </div>
    </Stack>
  );
}
