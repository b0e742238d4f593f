import { Autocomplete, Button, Group, NumberInput, Select, Slider, Text } from '@mantine/core';
import { variationColor, variationName } from '~/flags/variation';
import { VariationDot } from '~/flags/VariationDot';
import { useText } from '~/i18n/text';
import { WHOLE, type Serve } from './draft';
import { useEditing } from './editing';
import { evenly, percent, total, withWeight } from './rollout';
import { useKinds } from './useKinds';
import classes from './targeting.module.css';

type Rollout = NonNullable<Serve['rollout']>;

interface Props {
  name: string;
  rollout: Rollout;
  change: (rollout: Rollout) => void;
}

/** Shares of contexts: by slider, where the others give way, or exactly. */
export function RolloutEditor({ name, rollout, change }: Props) {
  const t = useText();
  const { flag, project, readOnly } = useEditing();
  const kinds = useKinds(project);
  const has = new Map(rollout.weights.map(({ variation, weight }) => [variation, weight]));
  const weights = flag.variations.map((_, variation) => ({ variation, weight: has.get(variation) ?? 0 }));
  const sum = total(weights);
  const set = (list: typeof weights) => change({ ...rollout, weights: list });
  const exactly = (variation: number, weight: number) =>
    set(weights.map((one) => (one.variation === variation ? { variation, weight } : one)));
  return (
    <div role="group" aria-label={t('{name}: percentages', { name })}>
      <div className={classes.bar} aria-hidden>
        {weights
          .filter((one) => one.weight > 0)
          .map(({ variation, weight }) => (
            <div key={variation} style={{ flex: weight, background: variationColor(variation) }} />
          ))}
      </div>
      {weights.map(({ variation, weight }) => {
        const label = variationName(flag.variations[variation]);
        return (
          <div className={classes.weight} key={variation}>
            <Group gap="xs" wrap="nowrap">
              <VariationDot index={variation} />
              <Text size="sm" truncate>
                {label}
              </Text>
            </Group>
            <Slider
              size="sm"
              color={variationColor(variation)}
              min={0}
              max={WHOLE}
              step={1000}
              value={weight}
              disabled={readOnly}
              label={null}
              thumbLabel={t('Share of {variation}', { variation: label })}
              onChange={(value) => set(withWeight(weights, variation, value))}
            />
            <NumberInput
              size="xs"
              min={0}
              max={100}
              step={1}
              decimalScale={3}
              suffix=" %"
              value={percent(weight)}
              disabled={readOnly}
              aria-label={t('Share of {variation} in percent', { variation: label })}
              onChange={(value) => exactly(variation, Math.round(Number(value) * 1000))}
            />
          </div>
        );
      })}
      <Group gap="sm" mt="sm">
        {sum !== WHOLE && (
          <Text size="sm" c="signal" role="alert">
            {t('The shares add up to {sum} %, not to 100 %', { sum: percent(sum) })}
          </Text>
        )}
        <Button
          size="compact-xs"
          variant="default"
          disabled={readOnly}
          onClick={() => set(evenly(weights.length))}
        >
          {t('Share evenly')}
        </Button>
        <Group gap="xs" ml="auto">
          <Text size="xs" c="dimmed">
            {t('by')}
          </Text>
          <Select
            size="xs"
            w={120}
            aria-label={t('Kind of context that is counted')}
            data={[...new Set([...kinds, rollout.contextKind ?? 'user'])]}
            value={rollout.contextKind ?? 'user'}
            disabled={readOnly}
            onChange={(contextKind) => change({ ...rollout, contextKind: contextKind ?? undefined })}
          />
          <Autocomplete
            size="xs"
            w={120}
            aria-label={t('Attribute that decides the share')}
            data={['key']}
            value={rollout.bucketBy ?? 'key'}
            disabled={readOnly}
            onChange={(bucketBy) =>
              change({ ...rollout, bucketBy: bucketBy === 'key' ? undefined : bucketBy })
            }
          />
        </Group>
      </Group>
    </div>
  );
}
