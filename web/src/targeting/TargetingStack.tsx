import { Stack } from '@mantine/core';
import { DefaultRule } from './DefaultRule';
import { EditContext, EditPlaceContext, type Editing } from './editing';
import { OffVariation } from './OffVariation';
import { Prerequisites } from './Prerequisites';
import { RuleList } from './RuleList';
import { StateSwitch } from './StateSwitch';
import { Targets } from './Targets';
import classes from './targeting.module.css';

/** All steps of the evaluation in their order, to be edited or, in the past, to be read. */
export function TargetingStack({ editing, name }: { editing: Editing; name: string }) {
  const { project, env, readOnly, draft } = editing;
  return (
    <EditPlaceContext value={{ project, env, readOnly }}>
      <EditContext value={editing}>
        <StateSwitch name={name} />
        <div className={classes.stack} data-off={!draft.on || undefined}>
          <Prerequisites />
          <Targets />
          <RuleList />
          <DefaultRule />
        </div>
        <Stack mt="md">
          <OffVariation />
        </Stack>
      </EditContext>
    </EditPlaceContext>
  );
}
