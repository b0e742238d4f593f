import { ActionIcon, Anchor, Button, Group, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { flagQuery, flagsPage } from '~/api/flags';
import { word } from '~/flags/filter';
import { useText } from '~/i18n/text';
import { Block } from './Block';
import { same } from '~/forms/threeWay';
import { useEditing } from './editing';
import { Notes } from './Notes';
import { VariationSelect } from './VariationSelect';

/** Other flags that must serve a variation first. */
export function Prerequisites() {
  const t = useText();
  const { draft, base, set, readOnly } = useEditing();
  const [adding, setAdding] = useState(false);
  const list = draft.prerequisites;
  const change = (key: string, variation: number | undefined) =>
    set((old) => ({
      ...old,
      prerequisites: old.prerequisites.flatMap((one) => {
        if (one.key !== key) return one;
        return variation === undefined ? [] : { key, variation };
      }),
    }));
  return (
    <Block
      title={t('Prerequisites')}
      changed={!same(list, base.prerequisites)}
      notes={<Notes below="/prerequisites" />}
      end={
        !readOnly && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            onClick={() => setAdding(true)}
          >
            {t('Add prerequisite')}
          </Button>
        )
      }
    >
      {list.length === 0 && !adding ? null : (
        <Stack gap="xs">
          {list.map((one) => (
            <Row
              key={one.key}
              itsKey={one.key}
              variation={one.variation}
              change={(v) => change(one.key, v)}
            />
          ))}
          {adding && (
            <AddRow
              taken={list.map((one) => one.key)}
              done={(key) => {
                setAdding(false);
                if (key)
                  set((old) => ({ ...old, prerequisites: [...old.prerequisites, { key, variation: 0 }] }));
              }}
            />
          )}
        </Stack>
      )}
    </Block>
  );
}

function Row({
  itsKey,
  variation,
  change,
}: {
  itsKey: string;
  variation: number;
  change: (v?: number) => void;
}) {
  const t = useText();
  const { project, env, readOnly } = useEditing();
  const flag = useQuery(flagQuery(project, itsKey)).data;
  return (
    <Group gap="sm" wrap="wrap">
      <Anchor
        component={Link}
        to="/projects/$project/$env/flags/$flag"
        params={{ project, env, flag: itsKey } as never}
        size="sm"
        fw={550}
      >
        {flag?.name ?? itsKey}
      </Anchor>
      <Text size="sm" c="dimmed">
        {t('serves')}
      </Text>
      <VariationSelect
        w={200}
        aria-label={t('Variation of {flag}', { flag: flag?.name ?? itsKey })}
        variations={flag?.variations ?? []}
        value={variation}
        onChange={change}
        disabled={readOnly}
      />
      {!readOnly && (
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={() => change()}
          aria-label={t('Remove {what}', { what: itsKey })}
        >
          <IconX size={16} />
        </ActionIcon>
      )}
    </Group>
  );
}

function AddRow({ taken, done }: { taken: string[]; done: (key: string | undefined) => void }) {
  const t = useText();
  const { project, flag } = useEditing();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(word(text), 150);
  const found = useQuery(
    flagsPage(project, { filter: asked ? `query:${asked}` : undefined, envs: [], page: 0, limit: 20 }),
  );
  const options = (found.data?.items ?? [])
    .filter((one) => one.key !== flag.key && !taken.includes(one.key))
    .map((one) => ({ value: one.key, label: one.name || one.key }));
  return (
    <Group gap="xs">
      <Select
        w={320}
        searchable
        autoFocus
        placeholder={t('Find a flag')}
        aria-label={t('Find a flag')}
        data={options}
        filter={({ options }) => options}
        searchValue={text}
        onSearchChange={setText}
        onChange={(key) => done(key ?? undefined)}
      />
      <Button variant="subtle" color="gray" onClick={() => done(undefined)}>
        {t('Cancel')}
      </Button>
    </Group>
  );
}
