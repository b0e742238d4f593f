import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { JsonDiff } from '~/changes/JsonDiff';
import { useText } from '~/i18n/text';
import { JsonEditor } from '~/ui/JsonEditor';
import { Sentences } from './Sentences';
import type { Sentence } from './useSentences';

interface Props {
  sentences: Sentence[];
  before: unknown;
  after: unknown;
  /** The semantic patch; missing while it is made. */
  patch: unknown;
  /** Whom it concerns. */
  effect?: ReactNode;
}

/** A change that is about to be made: in words, by its effect, as what differs, and as the patch that is sent. */
export function ChangeTabs({ sentences, before, after, patch, effect }: Props) {
  const t = useText();
  return (
    <Tabs defaultValue="words" keepMounted={false}>
      <Tabs.List mb="sm">
        <Tabs.Tab value="words">{t('In words')}</Tabs.Tab>
        {effect && <Tabs.Tab value="effect">{t('Who gets something else')}</Tabs.Tab>}
        <Tabs.Tab value="diff">{t('Before and after')}</Tabs.Tab>
        <Tabs.Tab value="patch">{t('Patch')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="words">
        <Sentences list={sentences} />
      </Tabs.Panel>
      <Tabs.Panel value="effect">{effect}</Tabs.Panel>
      <Tabs.Panel value="diff">
        <JsonDiff before={before} after={after} />
      </Tabs.Panel>
      <Tabs.Panel value="patch">
        <JsonEditor
          label={t('Patch')}
          value={patch === undefined ? '…' : JSON.stringify(patch, null, 2)}
          maxHeight="260px"
        />
      </Tabs.Panel>
    </Tabs>
  );
}
