import { Button, Menu, Stack, TagsInput, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { variationName } from '~/flags/variation';
import { VariationDot } from '~/flags/VariationDot';
import { useText } from '~/i18n/text';
import { Block } from './Block';
import { same } from '~/forms/threeWay';
import type { Draft } from './draft';
import { useEditing } from './editing';
import { MatchCount } from './MatchCount';
import { Notes } from './Notes';
import { useKinds } from './useKinds';

/** Contexts that are named one by one, by kind. */
export function Targets() {
  const t = useText();
  const { draft, base, set, flag, readOnly, project } = useEditing();
  const kinds = useKinds(project);
  const [opened, setOpened] = useState<string[]>([]);
  const used = [...new Set([...draft.targets.map((target) => target.contextKind), ...opened])];
  const rest = kinds.filter((kind) => !used.includes(kind));
  const count = draft.targets.reduce((sum, target) => sum + target.values.length, 0);
  return (
    <Block
      title={t('Individual targets')}
      changed={!same(draft.targets, base.targets)}
      notes={<Notes below="/targets" also="/contextTargets" />}
      end={
        <>
          {count > 0 && <MatchCount of={(matches) => matches.targets} />}
          {count > 0 && (
            <Text size="xs" c="dimmed">
              {t('{count, plural, one {# context} other {# contexts}}', { count })}
            </Text>
          )}
          {!readOnly && rest.length > 0 && (
            <Menu shadow="md" position="bottom-end">
              <Menu.Target>
                <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />}>
                  {t('Add targets')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {rest.map((kind) => (
                  <Menu.Item key={kind} onClick={() => setOpened([...opened, kind])}>
                    {t('of kind {kind}', { kind })}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
        </>
      }
    >
      {used.length === 0 ? null : (
        <Stack gap="lg">
          {used.map((kind) => (
            <Stack gap={8} key={kind}>
              <Text size="xs" fw={600} c="dimmed">
                {t('Contexts of kind {kind}', { kind })}
              </Text>
              {flag.variations.map((variation, index) => (
                <TagsInput
                  key={variation._id}
                  leftSection={<VariationDot index={index} />}
                  label={variationName(variation)}
                  placeholder={valuesOf(draft, kind, index).length === 0 ? t('Keys') : undefined}
                  value={valuesOf(draft, kind, index)}
                  onChange={(values) => set((old) => withTargets(old, kind, index, values))}
                  disabled={readOnly}
                  splitChars={[',', '\n', '\t']}
                  maxTags={10_000}
                />
              ))}
            </Stack>
          ))}
        </Stack>
      )}
    </Block>
  );
}

function valuesOf(draft: Draft, kind: string, variation: number): string[] {
  return draft.targets
    .filter((t) => t.contextKind === kind && t.variation === variation)
    .flatMap((t) => t.values);
}

/** A key has one variation: what is added here is taken away elsewhere. */
export function withTargets(draft: Draft, kind: string, variation: number, values: string[]): Draft {
  const here = new Set(values);
  const others = draft.targets
    .filter((t) => t.contextKind !== kind || t.variation !== variation)
    .map((t) =>
      t.contextKind === kind ? { ...t, values: t.values.filter((value) => !here.has(value)) } : t,
    );
  const all = values.length === 0 ? others : [...others, { contextKind: kind, variation, values }];
  const order = (target: { contextKind: string; variation: number }) =>
    `${target.contextKind === 'user' ? 0 : 1}${target.contextKind}/${target.variation}`;
  return {
    ...draft,
    targets: all.filter((t) => t.values.length > 0).sort((a, b) => (order(a) < order(b) ? -1 : 1)),
  };
}
