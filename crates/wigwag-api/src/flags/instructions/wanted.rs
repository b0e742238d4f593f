//! What a list of instructions names beyond the flag.

use serde_json::Value;

use super::Params;
use crate::flags::facts::Wanted;

/// The flags, members and teams to fetch before [`super::apply`]. Whatever cannot be read here
/// is refused there.
#[must_use]
pub fn wanted(instructions: &[Value]) -> Wanted {
    let mut wanted = Wanted::default();
    for params in instructions.iter().filter_map(Value::as_object).map(Params) {
        let text = |name| params.raw(name).and_then(Value::as_str).map(str::to_owned);
        match params.text("kind").unwrap_or_default() {
            "addPrerequisite" | "updatePrerequisite" => wanted.flags.extend(text("key")),
            "replacePrerequisites" => {
                let list = params.list("prerequisites").unwrap_or_default();
                let keys = list.iter().filter_map(Value::as_object).map(|item| Params(item).text("key"));
                wanted.flags.extend(keys.flatten().map(str::to_owned));
            }
            "updateMaintainerMember" => wanted.members.extend(text("value")),
            "updateMaintainerTeam" => wanted.teams.extend(text("value")),
            _ => {}
        }
    }
    wanted
}
