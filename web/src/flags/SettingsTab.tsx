import type { Flag } from '~/api/types';
import { InViews } from '~/views/InViews';
import { AboutFlag } from './AboutFlag';
import { FlagDanger } from './FlagDanger';

interface Props {
  project: string;
  env: string;
  flag: Flag;
}

export function SettingsTab({ project, env, flag }: Props) {
  return (
    <>
      <AboutFlag project={project} flag={flag} />
      <InViews place={{ project, env }} kind="flags" itsKey={flag.key} />
      <FlagDanger project={project} env={env} flag={flag} />
    </>
  );
}
