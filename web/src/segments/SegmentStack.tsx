import { Group, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { ActButton } from '~/access/ActButton';
import { onSegment } from '~/access/places';
import { useText } from '~/i18n/text';
import { useEditPlace } from '~/targeting/editing';
import { SegmentPart } from '~/targeting/Part';
import { KeysEditor } from './KeysEditor';
import { ACTIONS } from './needs';
import { newSegmentRule, type SegmentDraft } from './segmentDraft';
import { SegmentRuleCard } from './SegmentRuleCard';

interface Props {
  itsKey: string;
  draft: SegmentDraft;
  set: (change: (draft: SegmentDraft) => SegmentDraft) => void;
  /** The members of big segments are not in the draft. */
  big: boolean;
}

/** Who is in a segment: keys and rules, to be edited or, in the past, to be read. */
export function SegmentStack({ itsKey, draft, set, big }: Props) {
  const t = useText();
  return (
    <>
      {!big && (
        <>
          <SegmentPart action={ACTIONS.included} segment={itsKey}>
            <KeysEditor
              title={t('Included')}
              text={t('Always in the segment.')}
              keys={draft.included}
              change={(included) => set((old) => ({ ...old, included }))}
            />
          </SegmentPart>
          <SegmentPart action={ACTIONS.excluded} segment={itsKey}>
            <KeysEditor
              title={t('Excluded')}
              text={t('Never in the segment, whatever rules say.')}
              keys={draft.excluded}
              change={(excluded) => set((old) => ({ ...old, excluded }))}
            />
          </SegmentPart>
        </>
      )}
      <SegmentPart action={ACTIONS.rules} segment={itsKey}>
        <Rules itsKey={itsKey} draft={draft} set={set} />
      </SegmentPart>
    </>
  );
}

function Rules({ itsKey, draft, set }: Omit<Props, 'big'>) {
  const t = useText();
  const { project, env, readOnly, refusal } = useEditPlace();
  return (
    <>
      {draft.rules.map((rule, index) => (
        <SegmentRuleCard
          key={rule.id}
          rule={rule}
          index={index}
          change={(next) =>
            set((old) => ({ ...old, rules: old.rules.map((one) => (one.id === next.id ? next : one)) }))
          }
          remove={() => set((old) => ({ ...old, rules: old.rules.filter((one) => one.id !== rule.id) }))}
        />
      ))}
      {(!readOnly || refusal) && (
        <Group mb="md">
          <ActButton
            needs={onSegment(ACTIONS.rules, project, env, itsKey)}
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => set((old) => ({ ...old, rules: [...old.rules, newSegmentRule()] }))}
          >
            {t('Add rule')}
          </ActButton>
          {draft.rules.length === 0 && (
            <Text size="sm" c="dimmed">
              {t('Rules add contexts by what they are: their plan, country, version.')}
            </Text>
          )}
        </Group>
      )}
    </>
  );
}
