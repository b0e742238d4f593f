import type { Flag } from '~/api/types';
import { FlagLinks } from './FlagLinks';
import { Triggers } from './Triggers';

/** What belongs to a flag elsewhere: pages about it, and systems that switch it. */
export function LinksTab({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  return (
    <>
      <FlagLinks project={project} flag={flag} />
      <Triggers project={project} env={env} flag={flag} />
    </>
  );
}
