//! Targets that others come before.

use std::collections::HashMap;

use wigwag_model::doc::{FlagConfig, Target};

use super::{Notes, Severity};

pub(super) fn check(config: &FlagConfig, notes: &mut Notes<'_>) {
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    let (mut users, mut all) = (0, 0);
    for target in &config.targets {
        // Users are shown in a list of their own, and have a place in the other one.
        let user = is_user(target);
        let path = if user { format!("targets/{users}") } else { format!("contextTargets/{all}") };
        users += usize::from(user);
        all += 1;
        for (at, key) in target.values.iter().enumerate() {
            let kind = if user { "user" } else { &target.context_kind };
            match seen.get(&(kind, key.as_str())) {
                None => drop(seen.insert((kind, key), target.variation)),
                Some(variation) => {
                    let message = if *variation == target.variation {
                        format!("The {kind} {key} is targeted with this variation already")
                    } else {
                        format!("The {kind} {key} gets variation {variation} from an earlier target, never this one")
                    };
                    notes.note(Severity::Error, "shadowed-target", &format!("{path}/values/{at}"), message);
                }
            }
        }
    }
}

fn is_user(target: &Target) -> bool {
    target.context_kind.is_empty() || target.context_kind == "user"
}
