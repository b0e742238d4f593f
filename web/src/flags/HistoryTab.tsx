import { ChangeList } from '~/changes/ChangeList';
import type { Flag } from '~/api/types';

export function HistoryTab({ project, env, flag }: { project: string; env: string; flag: Flag }) {
  return <ChangeList project={project} env={env} resources={[`proj/${project}:env/*:flag/${flag.key}`]} />;
}
