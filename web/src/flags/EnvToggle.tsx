import { Switch, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { useMayFlag } from '~/access/places';
import { useReason } from '~/access/useReason';
import type { Schemas } from '~/api/client';
import type { Flag } from '~/api/types';
import { WhyButton } from '~/contexts/WhyButton';
import { useText } from '~/i18n/text';
import { Life } from './Life';
import { ToggleDialog } from './ToggleDialog';
import { useServes } from './useServes';
import { useToggle } from './useToggle';
import classes from './FlagsTable.module.css';

interface Props {
  project: string;
  flag: Flag;
  environment: Schemas['EnvironmentRep'];
}

/** The state in one environment, and what is served. Critical environments ask before they change. */
export function EnvToggle({ project, flag, environment }: Props) {
  const t = useText();
  const config = flag.environments?.[environment.key];
  const [asking, setAsking] = useState<boolean>();
  const toggle = useToggle(project, flag.key, environment.key);
  const serves = useServes(flag, config);
  const { allowed, refusal } = useMayFlag('updateOn', project, environment.key, flag.key);
  const reason = useReason();
  if (!config) return null;
  const careful = environment.critical || environment.confirmChanges || environment.requireComments;
  const on = toggle.optimistic ?? config.on;
  return (
    <div className={classes.toggle}>
      <Tooltip
        multiline
        maw={340}
        disabled={!refusal}
        label={refusal && `${t('You may not do this.')} ${reason(refusal)}`}
      >
        <Switch
          size="sm"
          checked={on}
          disabled={flag.archived || toggle.isPending}
          data-refused={allowed === false || undefined}
          aria-disabled={allowed === false || undefined}
          onChange={(event) => {
            const wanted = event.currentTarget.checked;
            // It stays in reach of the keyboard, to say why.
            if (allowed === false) return;
            if (careful) setAsking(wanted);
            else toggle.mutate({ on: wanted });
          }}
          aria-label={t('{flag} in {environment}', {
            flag: flag.name || flag.key,
            environment: environment.name,
          })}
        />
      </Tooltip>
      <div className={classes.serves}>
        <WhyButton project={project} env={environment.key} flag={flag.key} name={flag.name}>
          <b>{serves.first}</b>
        </WhyButton>
        {serves.second && <div>{serves.second}</div>}
        <Life project={project} env={environment.key} flag={flag.key} />
      </div>
      {asking !== undefined && (
        <ToggleDialog
          project={project}
          flag={flag}
          environment={environment}
          on={asking}
          close={() => setAsking(undefined)}
        />
      )}
    </div>
  );
}
