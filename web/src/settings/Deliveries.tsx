import { Badge, Code, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { ActButton } from '~/access/ActButton';
import type { Needs } from '~/access/questions';
import type { Schemas } from '~/api/client';
import { useAct } from '~/api/useAct';
import { useText } from '~/i18n/text';
import { Ago } from '~/ui/Ago';
import type { Call } from '~/ui/calls';
import { DataTable } from '~/ui/DataTable';
import { EmptyState } from '~/ui/EmptyState';
import { notifyDone, notifyFailed } from '~/ui/notify';
import { Panel } from '~/ui/Panel';
import { useWords } from '~/ui/useWords';
import { Listed } from './Listed';

type Delivery = Schemas['Delivery'];
const COLORS: Record<string, string> = { delivered: 'sea', failed: 'signal' };

interface Props {
  query: UseQueryResult<{ items: Delivery[] }>;
  needs: Needs;
  replay: (delivery: Delivery) => Call;
}

/** What was sent to somebody, and what they answered; what failed can be sent again. */
export function Deliveries({ query, needs, replay }: Props) {
  const t = useText();
  const words = useWords();
  const again = useAct(() => notifyDone(t('It is sent again')));
  const names: Record<string, string> = {
    delivered: t('delivered'),
    failed: t('failed'),
    pending: t('waiting'),
  };
  return (
    <Panel flush title={t('Deliveries')} text={t('Newest first. What failed can be sent again.')}>
      <Listed query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('Nothing was sent yet')} />
          ) : (
            <DataTable
              caption={t('Deliveries')}
              rows={items}
              id={(one) => one._id}
              columns={[
                {
                  head: t('Status'),
                  width: 120,
                  cell: (one) => (
                    <Badge color={COLORS[one.status] ?? 'gray'}>{names[one.status] ?? one.status}</Badge>
                  ),
                },
                { head: t('When'), width: 120, cell: (one) => <Ago at={one.creationDate} /> },
                {
                  head: t('Change'),
                  width: 110,
                  cell: (one) => (one.reason === 'test' ? t('test') : <code>#{one.sequence}</code>),
                  minor: true,
                },
                { head: t('Tries'), cell: (one) => <Tries delivery={one} /> },
                {
                  head: t('Actions'),
                  end: true,
                  cell: (one) => (
                    <ActButton
                      quiet
                      needs={needs}
                      size="compact-sm"
                      variant="subtle"
                      onClick={() =>
                        again.mutate(replay(one), { onError: (error) => notifyFailed(words(error)) })
                      }
                      aria-label={t('Send again: delivery of change {number}', { number: one.sequence })}
                    >
                      {t('Send again')}
                    </ActButton>
                  ),
                },
              ]}
            />
          )
        }
      </Listed>
    </Panel>
  );
}

function Tries({ delivery }: { delivery: Delivery }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const last = delivery.attempts.at(-1);
  if (!last) {
    return (
      <Text size="sm" c="dimmed">
        {delivery.nextAttemptDate ? <Ago at={delivery.nextAttemptDate} /> : '–'}
      </Text>
    );
  }
  return (
    <>
      <ActButton
        size="compact-sm"
        variant="subtle"
        color="gray"
        px={0}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {t('{count, plural, one {# try} other {# tries}}', { count: delivery.attempts.length })} ·{' '}
        {last.responseStatus ?? last.error ?? ''}
      </ActButton>
      {open && (
        <Stack gap={8} mt={6}>
          {delivery.attempts.map((attempt, index) => (
            <div key={index}>
              <Text size="xs">
                <Ago at={attempt.date} /> · {attempt.durationMs} ms ·{' '}
                {attempt.responseStatus ?? attempt.error}
              </Text>
              {attempt.responseHead && (
                <Code block style={{ whiteSpace: 'pre-wrap', maxHeight: 160 }} tabIndex={0}>
                  {attempt.responseHead}
                </Code>
              )}
            </div>
          ))}
        </Stack>
      )}
    </>
  );
}
