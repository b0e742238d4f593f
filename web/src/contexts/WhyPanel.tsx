import { useState } from 'react';
import { useText } from '~/i18n/text';
import { Panel } from '~/ui/Panel';
import { ContextForm } from './ContextForm';
import { WhyDrawer } from './WhyDrawer';

/** Asks what one context gets of one flag. */
export function WhyPanel({ project, env, flag }: { project: string; env: string; flag: string }) {
  const t = useText();
  const [asked, setAsked] = useState<unknown>();
  return (
    <Panel
      title={t('What does one context get, and why?')}
      text={t('For contexts with attributes use the playground.')}
    >
      <ContextForm ask={setAsked} />
      {asked !== undefined && (
        <WhyDrawer {...{ project, env, flag }} context={asked} close={() => setAsked(undefined)} />
      )}
    </Panel>
  );
}
