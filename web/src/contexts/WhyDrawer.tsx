import { Drawer, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useText } from '~/i18n/text';
import { ErrorState } from '~/ui/ErrorState';
import { whyQuery } from './api';
import { ContextForm } from './ContextForm';
import { WhyAnswer } from './WhyAnswer';
import { WhyServed } from './WhyServed';

/** The value that is asked about. */
export interface Asked {
  project: string;
  env: string;
  flag: string;
  name?: string;
  /** Who gets the value; without it the answer is what the environment does in general. */
  context?: unknown;
}

/** Why a flag gives what it gives: to one context, or in general until one is named. */
export function WhyDrawer({ project, env, flag, name, context, close }: Asked & { close: () => void }) {
  const t = useText();
  const [named, setNamed] = useState<unknown>();
  const asked = context ?? named;
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size="lg"
      title={t('Why {flag}?', { flag: name || flag })}
      closeButtonProps={{ 'aria-label': t('Close') }}
    >
      <Stack gap="lg">
        {context === undefined && (
          <>
            <WhyServed {...{ project, env, flag }} />
            <Stack gap={6}>
              <Text fw={600}>{t('What does one context get, and why?')}</Text>
              <ContextForm ask={setNamed} />
            </Stack>
          </>
        )}
        {asked !== undefined && <Answer {...{ project, env, flag }} context={asked} />}
      </Stack>
    </Drawer>
  );
}

function Answer({ project, env, flag, context }: Omit<Asked, 'name'>) {
  const why = useQuery(whyQuery(project, env, flag, context));
  if (why.isError) return <ErrorState error={why.error} />;
  return why.data ? <WhyAnswer why={why.data} flag={flag} /> : <Skeleton h={160} />;
}
