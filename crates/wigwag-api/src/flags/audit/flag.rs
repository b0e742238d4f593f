//! Sentences about the flag in all environments.

use wigwag_model::doc::{Flag, Maintainer, Variation};

use super::text::{code, from_to, value, variation};
use crate::flags::diff::FlagPart;

pub(super) fn describe(part: FlagPart, old: &Flag, new: &Flag, out: &mut Vec<String>) {
    match part {
        FlagPart::Name => out.push(format!("Changed the name {}", from_to(&old.name, &new.name))),
        FlagPart::Description => out.push(format!("Changed the description to {}", code(&new.description))),
        FlagPart::Tags => tags(old, new, out),
        FlagPart::Temporary => {
            out.push(format!("Marked the flag as {}", if new.temporary { "temporary" } else { "permanent" }));
        }
        FlagPart::CustomProperties => properties(old, new, out),
        FlagPart::Maintainer => out.push(maintainer(new)),
        FlagPart::Variations => variations(old, new, out),
        FlagPart::Defaults => defaults(old, new, out),
        FlagPart::ClientSide => client_side(old, new, out),
        FlagPart::Archived => out.push(said(new.archived_at.is_some(), "Archived", "Restored")),
        FlagPart::Deprecated => out.push(said(new.deprecated_at.is_some(), "Deprecated", "Restored")),
    }
}

fn said(yes: bool, done: &str, undone: &str) -> String {
    format!("{} the flag", if yes { done } else { undone })
}

fn tags(old: &Flag, new: &Flag, out: &mut Vec<String>) {
    let from = out.len();
    out.extend(new.tags.iter().filter(|t| !old.tags.contains(t)).map(|tag| format!("Added tag {}", code(tag))));
    out.extend(old.tags.iter().filter(|t| !new.tags.contains(t)).map(|tag| format!("Removed tag ~~{}~~", code(tag))));
    if out.len() == from {
        out.push("Changed the order of the tags".to_owned());
    }
}

fn properties(old: &Flag, new: &Flag, out: &mut Vec<String>) {
    let from = out.len();
    for (key, property) in &new.custom_properties {
        match old.custom_properties.get(key) {
            None => out.push(format!("Added the custom property {}", code(key))),
            Some(before) if before != property => out.push(format!("Changed the custom property {}", code(key))),
            Some(_) => {}
        }
    }
    let gone = old.custom_properties.keys().filter(|key| !new.custom_properties.contains_key(*key));
    out.extend(gone.map(|key| format!("Removed the custom property ~~{}~~", code(key))));
    if out.len() == from {
        out.push("Changed the order of the custom properties".to_owned());
    }
}

fn maintainer(new: &Flag) -> String {
    match &new.maintainer {
        None => "Removed the maintainer".to_owned(),
        Some(Maintainer::Member(id)) => format!("Changed the maintainer to the member {}", code(id)),
        Some(Maintainer::Team(key)) => format!("Changed the maintainer to the team {}", code(key)),
    }
}

fn variations(old: &Flag, new: &Flag, out: &mut Vec<String>) {
    let from = out.len();
    let find = |list: &[Variation], id: &str| list.iter().position(|one| one.id == id);
    for (index, one) in new.variations.iter().enumerate() {
        match find(&old.variations, &one.id).map(|at| &old.variations[at]) {
            None => out.push(format!("Added the variation {}", code(&variation(new, index)))),
            Some(before) if before.value != one.value => {
                let change = from_to(&value(&before.value), &value(&one.value));
                out.push(format!("Changed the value of a variation {change}"));
            }
            Some(before) if before != one => {
                out.push(format!("Changed the name or description of the variation {}", code(&variation(new, index))));
            }
            Some(_) => {}
        }
    }
    for (index, one) in old.variations.iter().enumerate() {
        if find(&new.variations, &one.id).is_none() {
            out.push(format!("Removed the variation ~~{}~~", code(&variation(old, index))));
        }
    }
    if out.len() == from {
        out.push("Changed the order of the variations".to_owned());
    }
}

fn defaults(old: &Flag, new: &Flag, out: &mut Vec<String>) {
    let indexes = [
        ("on", old.defaults.on_variation, new.defaults.on_variation),
        ("off", old.defaults.off_variation, new.defaults.off_variation),
    ];
    for (which, before, after) in indexes {
        let (before, after) = (variation(old, before), variation(new, after));
        if before != after {
            let change = from_to(&before, &after);
            out.push(format!("Changed the {which} variation of new environments {change}"));
        }
    }
}

fn client_side(old: &Flag, new: &Flag, out: &mut Vec<String>) {
    let (old, new) = (old.client_side_availability, new.client_side_availability);
    let said = |on: bool| if on { "available to" } else { "hidden from" };
    if old.using_environment_id != new.using_environment_id {
        out.push(format!("Changed the flag to be {} client\\-side SDKs", said(new.using_environment_id)));
    }
    if old.using_mobile_key != new.using_mobile_key {
        out.push(format!("Changed the flag to be {} mobile SDKs", said(new.using_mobile_key)));
    }
}
