import { Stack, Text, ThemeIcon, Timeline } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { Schemas } from '~/api/client';
import { valueText } from '~/flags/variation';
import { useText } from '~/i18n/text';
import { useOperatorWords } from '~/targeting/useOperatorWords';
import { useReasonWords } from './reason';

interface ClauseTrace {
  index: number;
  contextKind?: string;
  attribute: string;
  op: string;
  negate: boolean;
  outcome: string;
}

interface RuleTrace {
  index: number;
  id: string;
  matched: boolean;
  clauses: ClauseTrace[];
}

interface Bucket {
  value: number;
  attribute?: string;
  contextKind?: string;
}

interface FlagTrace {
  version: number;
  on: boolean;
  prerequisites?: { key: string; satisfied?: boolean; met?: boolean }[];
  rules?: RuleTrace[];
  bucket?: Bucket;
  rollout?: { bucket?: Bucket };
}

/** The steps of an evaluation in order, down to the one that decided. */
export function WhyAnswer({ why, flag }: { why: Schemas['Why']; flag: string }) {
  const t = useText();
  const reason = useReasonWords();
  const operator = useOperatorWords();
  const trace = (why.trace ?? { version: 0, on: true }) as FlagTrace;
  const yes = <IconCheck size={13} />;
  const no = <IconX size={13} />;
  const outcome = (clause: ClauseTrace) => (clause.outcome === 'matched' ? t('holds') : t('does not hold'));
  return (
    <Stack gap="md">
      <div>
        <Text size="xl" fw={650} className="mono" style={{ wordBreak: 'break-word' }}>
          {valueText(why.value)}
        </Text>
        <Text size="sm" c="dimmed">
          {why.variationName ? `${why.variationName} · ` : ''}
          {t('because of: {reason}', { reason: reason(why.reason) })}
        </Text>
      </div>
      <Timeline bulletSize={24} lineWidth={2} active={99} color="gray">
        <Timeline.Item
          bullet={trace.on ? yes : no}
          title={trace.on ? t('The flag is on') : t('The flag is off')}
        >
          <Text size="xs" c="dimmed">
            {t('Version {version}', { version: trace.version })} · <code>{flag}</code>
          </Text>
        </Timeline.Item>
        {(trace.rules ?? []).map((rule) => (
          <Timeline.Item
            key={rule.id}
            bullet={rule.matched ? yes : no}
            title={
              rule.matched
                ? t('Rule {n} applies', { n: rule.index + 1 })
                : t('Rule {n} does not apply', { n: rule.index + 1 })
            }
          >
            {rule.clauses.map((clause) => (
              <Text size="sm" c="dimmed" key={clause.index}>
                {clause.op === 'segmentMatch' ? '' : `${clause.contextKind ?? 'user'} ${clause.attribute} `}
                {operator(clause.op, clause.negate)}: {outcome(clause)}
              </Text>
            ))}
          </Timeline.Item>
        ))}
        <Timeline.Item
          bullet={
            <ThemeIcon size={24} radius="xl" color="sea">
              {yes}
            </ThemeIcon>
          }
          title={reason(why.reason)}
        >
          <Text size="sm" c="dimmed">
            {t('serves {what}', { what: why.variationName ?? valueText(why.value) })}
          </Text>
        </Timeline.Item>
      </Timeline>
    </Stack>
  );
}
