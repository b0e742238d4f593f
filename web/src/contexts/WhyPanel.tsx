import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useText } from '~/i18n/text';
import { Panel } from '~/ui/Panel';
import { WhyDrawer } from './WhyDrawer';

/** Asks what one context gets of one flag. */
export function WhyPanel({ project, env, flag }: { project: string; env: string; flag: string }) {
  const t = useText();
  const [kind, setKind] = useState('user');
  const [key, setKey] = useState('');
  const [asked, setAsked] = useState<unknown>();
  return (
    <Panel
      title={t('What does one context get, and why?')}
      text={t('For contexts with attributes use the playground.')}
    >
      <Stack gap="sm">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (key.trim()) setAsked({ kind, key: key.trim() });
          }}
        >
          <Group align="flex-end" gap="xs">
            <TextInput
              label={t('Kind')}
              w={140}
              value={kind}
              onChange={(event) => setKind(event.currentTarget.value)}
            />
            <TextInput
              label={t('Key')}
              w={240}
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
            <Button type="submit" variant="default">
              {t('Why?')}
            </Button>
          </Group>
        </form>
      </Stack>
      {asked !== undefined && (
        <WhyDrawer {...{ project, env, flag }} context={asked} close={() => setAsked(undefined)} />
      )}
    </Panel>
  );
}
