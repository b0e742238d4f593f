import { Group, SegmentedControl, Text } from '@mantine/core';
import { useText } from '~/i18n/text';
import type { Serve } from './draft';
import { useEditing } from './editing';
import { evenly } from './rollout';
import { RolloutEditor } from './RolloutEditor';
import { VariationSelect } from './VariationSelect';

interface Props {
  /** Whose it is, for those who do not see where it stands. */
  name: string;
  serve: Serve;
  change: (serve: Serve) => void;
}

/** One variation, or a percentage each. */
export function ServeEditor({ name, serve, change }: Props) {
  const t = useText();
  const { flag, readOnly } = useEditing();
  const count = flag.variations.length;
  const swap = (form: string) => {
    if (form === 'rollout') {
      const chosen = serve.variation ?? 0;
      const weights = evenly(count).map(({ variation }) => ({
        variation,
        weight: variation === chosen ? 100_000 : 0,
      }));
      change({ rollout: { weights, contextKind: 'user' } });
    } else {
      const most = [...(serve.rollout?.weights ?? [])].sort((a, b) => b.weight - a.weight)[0];
      change({ variation: most?.variation ?? 0 });
    }
  };
  return (
    <div>
      <Group gap="sm" mb={serve.rollout ? 'md' : 0}>
        <Text size="sm">{t('Serve')}</Text>
        <SegmentedControl
          size="xs"
          disabled={readOnly}
          aria-label={t('{name}: one variation or a rollout', { name })}
          value={serve.rollout ? 'rollout' : 'variation'}
          onChange={swap}
          data={[
            { value: 'variation', label: t('One variation') },
            { value: 'rollout', label: t('Percentages') },
          ]}
        />
        {!serve.rollout && (
          <VariationSelect
            w={220}
            aria-label={t('{name}: variation', { name })}
            variations={flag.variations}
            value={serve.variation}
            disabled={readOnly}
            onChange={(variation) => change({ variation })}
          />
        )}
      </Group>
      {serve.rollout && (
        <RolloutEditor name={name} rollout={serve.rollout} change={(rollout) => change({ rollout })} />
      )}
    </div>
  );
}
