//! Sentences about the flag in one environment.

use std::collections::HashSet;

use wigwag_model::clock::Millis;
use wigwag_model::doc::{ExpiringTarget, Flag, FlagConfig, Serve};

use super::text::{code, from_to, names, quote, serve, variation};
use crate::flags::diff::ConfigPart;

type Side<'a> = (&'a Flag, &'a FlagConfig);

pub(super) fn describe(part: ConfigPart, old: Side<'_>, new: Side<'_>, out: &mut Vec<String>) {
    let (before, after) = (old.1, new.1);
    let said = |on: bool| if on { "on" } else { "off" };
    match part {
        ConfigPart::On => out.push(format!("Turned the flag {}", said(after.on))),
        ConfigPart::Rules => rules(old, new, out),
        ConfigPart::RuleDescriptions => out.push("Changed the description of a rule".to_owned()),
        ConfigPart::Targets => targets(old, new, out),
        ConfigPart::Fallthrough => out.push(fallthrough(old, new)),
        ConfigPart::OffVariation => {
            let name = |(flag, config): Side<'_>| {
                config.off_variation.map_or_else(|| "none".to_owned(), |index| variation(flag, index))
            };
            out.push(format!("Changed the off variation {}", from_to(&name(old), &name(new))));
        }
        ConfigPart::Prerequisites => prerequisites(before, after, out),
        ConfigPart::TrackEvents => out.push(format!("Turned event tracking {}", said(after.track_events))),
        ConfigPart::TrackEventsFallthrough => {
            out.push(format!("Turned event tracking {} for the default rule", said(after.track_events_fallthrough)));
        }
        ConfigPart::DebugEvents => out.push(match after.debug_events_until {
            Some(until) => format!("Asked SDKs for debug events until {until}"),
            None => "Asked SDKs for no more debug events".to_owned(),
        }),
        ConfigPart::Salt => out.push("Changed the salt".to_owned()),
        ConfigPart::MigrationSettings => {
            let ratio = after.check_ratio.map_or_else(|| "the default".to_owned(), |ratio| code(&ratio.to_string()));
            out.push(format!("Changed the consistency check ratio to {ratio}"));
        }
        ConfigPart::ExpiringTargets => expiring(old, new, out),
    }
}

fn fallthrough(old: Side<'_>, new: Side<'_>) -> String {
    match (&old.1.fallthrough, &new.1.fallthrough) {
        (Serve::Variation(before), Serve::Variation(after)) => {
            let change = from_to(&variation(old.0, *before), &variation(new.0, *after));
            format!("Changed the default variation {change}")
        }
        (_, after) => format!("Changed the default rule to serve {}", serve(new.0, after)),
    }
}

fn targets(old: Side<'_>, new: Side<'_>, out: &mut Vec<String>) {
    let from = out.len();
    for target in &new.1.targets {
        let had = keys(old, new.0, &target.context_kind, target.variation);
        let added: Vec<_> = target.values.iter().map(String::as_str).filter(|key| !had.contains(key)).collect();
        if !added.is_empty() {
            let to = code(&variation(new.0, target.variation));
            out.push(format!("Added {} to the variation {to}", names(added.into_iter(), "targets")));
        }
    }
    for target in &old.1.targets {
        let has = keys(new, old.0, &target.context_kind, target.variation);
        let gone: Vec<_> = target.values.iter().map(String::as_str).filter(|key| !has.contains(key)).collect();
        if !gone.is_empty() {
            let of = code(&variation(old.0, target.variation));
            out.push(format!("Removed ~~{}~~ from the variation {of}", names(gone.into_iter(), "targets")));
        }
    }
    if out.len() == from {
        out.push("Changed the order of the targets".to_owned());
    }
}

/// Keys that `side` targets with the variation that has index `index` in `flag`.
fn keys<'a>(side: Side<'a>, flag: &Flag, kind: &str, index: usize) -> HashSet<&'a str> {
    let id = flag.variations.get(index).map(|variation| &variation.id);
    let same = |index: usize| side.0.variations.get(index).map(|variation| &variation.id) == id;
    let lists = side.1.targets.iter().filter(|target| target.context_kind == kind && same(target.variation));
    lists.flat_map(|target| target.values.iter().map(String::as_str)).collect()
}

fn rules(old: Side<'_>, new: Side<'_>, out: &mut Vec<String>) {
    let from = out.len();
    for rule in &new.1.rules {
        match old.1.rules.iter().find(|before| before.id == rule.id) {
            None => out.push(format!("Added the rule{}", quote(new.0, rule))),
            Some(before) if before != rule => out.push(format!("Changed the rule{}", quote(new.0, rule))),
            Some(_) => {}
        }
    }
    let gone = old.1.rules.iter().filter(|before| !new.1.rules.iter().any(|rule| rule.id == before.id));
    out.extend(gone.map(|rule| format!("Removed the rule{}", quote(old.0, rule))));
    if out.len() == from {
        out.push("Changed the order of the rules".to_owned());
    }
}

fn prerequisites(old: &FlagConfig, new: &FlagConfig, out: &mut Vec<String>) {
    let from = out.len();
    for one in &new.prerequisites {
        match old.prerequisites.iter().find(|before| before.key == one.key) {
            None => out.push(format!("Added the prerequisite {}", code(&one.key))),
            Some(before) if before != one => out.push(format!("Changed the prerequisite {}", code(&one.key))),
            Some(_) => {}
        }
    }
    let gone = old.prerequisites.iter().filter(|before| !new.prerequisites.iter().any(|one| one.key == before.key));
    out.extend(gone.map(|one| format!("Removed the prerequisite ~~{}~~", code(&one.key))));
    if out.len() == from {
        out.push("Changed the order of the prerequisites".to_owned());
    }
}

/// Which targets expire now, and which no longer do, although they stay.
fn expiring(old: Side<'_>, new: Side<'_>, out: &mut Vec<String>) {
    let (before, after) = (&old.1.expiring_targets, &new.1.expiring_targets);
    let of = |flag: &Flag, one: &ExpiringTarget| {
        format!("{} from the variation {}", code(&one.context_key), code(&variation(flag, one.variation)))
    };
    for one in after {
        match before.iter().find(|old| old.id == one.id) {
            None => out.push(format!("Planned to remove {} {}", of(new.0, one), at(one.expires_at))),
            Some(old) if old.expires_at != one.expires_at => {
                out.push(format!("Changed the time to remove {} {}", of(new.0, one), at(one.expires_at)));
            }
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|old| !after.iter().any(|one| one.id == old.id));
    out.extend(gone.map(|one| format!("Cancelled to remove {}", of(old.0, one))));
}

/// A time for people.
fn at(time: Millis) -> String {
    let text = jiff::Timestamp::from_millisecond(time).map_or_else(|_| time.to_string(), |at| at.to_string());
    format!("at {text}")
}
