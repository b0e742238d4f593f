import { Stack } from '@mantine/core';
import { DefaultRule } from './DefaultRule';
import { EditContext, EditPlaceContext, type Editing } from './editing';
import { ACTIONS } from './needs';
import { OffVariation } from './OffVariation';
import { FlagPart } from './Part';
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
        <FlagPart action={ACTIONS.on}>
          <StateSwitch name={name} />
        </FlagPart>
        <div className={classes.stack} data-off={!draft.on || undefined}>
          <FlagPart action={ACTIONS.prerequisites}>
            <Prerequisites />
          </FlagPart>
          <FlagPart action={ACTIONS.targets}>
            <Targets />
          </FlagPart>
          <FlagPart action={ACTIONS.rules}>
            <RuleList />
          </FlagPart>
          <FlagPart action={ACTIONS.fallthrough}>
            <DefaultRule />
          </FlagPart>
        </div>
        <Stack mt="md">
          <FlagPart action={ACTIONS.offVariation}>
            <OffVariation />
          </FlagPart>
        </Stack>
      </EditContext>
    </EditPlaceContext>
  );
}
