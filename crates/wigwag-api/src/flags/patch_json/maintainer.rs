//! `maintainerId` and `maintainerTeamKey`: setting one clears the other.

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Flag, Maintainer};

use super::{Shown, decode};
use crate::flags::facts::Facts;
use crate::flags::instructions;

pub(super) fn read(flag: &mut Flag, shown: Shown<'_>, patched: Shown<'_>, facts: &Facts<'_>) -> Result<()> {
    let member = changed("/maintainerId", shown.changed(patched, "maintainerId"))?;
    let team = changed("/maintainerTeamKey", shown.changed(patched, "maintainerTeamKey"))?;
    match (member, team) {
        (Some(Some(_)), Some(Some(_))) => {
            let rule = "a flag has a member or a team as its maintainer, not both: see /maintainerTeamKey";
            return Err(Error::field("/maintainerId", rule));
        }
        (Some(Some(id)), _) => flag.maintainer = Some(instructions::member("/maintainerId", &id, facts)?),
        (_, Some(Some(key))) => flag.maintainer = Some(instructions::team("/maintainerTeamKey", &key, facts)?),
        (Some(None), _) if matches!(flag.maintainer, Some(Maintainer::Member(_))) => flag.maintainer = None,
        (_, Some(None)) if matches!(flag.maintainer, Some(Maintainer::Team(_))) => flag.maintainer = None,
        _ => {}
    }
    Ok(())
}

/// The new text of a member that changed; removed, null and empty all clear.
fn changed(path: &str, value: Option<&Value>) -> Result<Option<Option<String>>> {
    let Some(value) = value else { return Ok(None) };
    let text: Option<String> = decode(path, value)?;
    Ok(Some(text.filter(|text| !text.is_empty())))
}
