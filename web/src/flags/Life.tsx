import { Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Sparkline } from '~/charts/Sparkline';
import { useText } from '~/i18n/text';
import { statusInQuery, weekQuery } from './life';
import { useSettled } from './useSettled';
import { useStatusWords } from './useStatusWords';
import classes from './FlagsTable.module.css';

interface Props {
  project: string;
  env: string;
  flag: string;
}

/** Whether SDKs ask for a flag in an environment, and how often in the last week. */
export function Life({ project, env, flag }: Props) {
  const t = useText();
  const words = useStatusWords();
  const settled = useSettled();
  const status = useQuery({ ...statusInQuery(project, env, flag), enabled: settled });
  const name = status.data?.name;
  const asked = name === 'active' || name === 'launched';
  const week = useQuery({ ...weekQuery(project, env, flag), enabled: settled });
  if (!name) return <div className={classes.life} />;
  const total = (week.data ?? []).reduce((sum, count) => sum + count, 0);
  const said = t('{count, plural, one {# evaluation} other {# evaluations}} in 7 days', { count: total });
  return (
    <div className={classes.life} data-status={name}>
      {asked && week.data && (
        <Tooltip label={said}>
          <span className={classes.spark}>
            <Sparkline counts={week.data} label={said} />
          </span>
        </Tooltip>
      )}
      {words[name]}
    </div>
  );
}
