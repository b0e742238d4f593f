//! What the audit entry of a change says: behaviour.md 13.3 and 13.4.

use std::collections::HashSet;

use wigwag_kit::Target;
use wigwag_kit::links::path;
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Environment, Kind, Project, Segment, SegmentList};

use super::diff::Part;
use super::lists::{self, name};
use super::load::spec;
use super::rep::site;
use crate::common::{Bullets, code, names};
use crate::read::Loaded;

/// What the entry is about.
pub(super) fn target(project: &Project, environment: &Loaded<Environment>, segment: &Segment) -> Target {
    let (project, env, key) = (&project.key, &environment.value.key, &segment.key);
    Target {
        kind: "segment".to_owned(),
        name: segment.name.clone(),
        resources: vec![spec(environment, segment).to_string()],
        href: path(&["segments", project, env, key]),
        site: site(project, env, key),
        project: project.clone(),
        environment: Some(environment.value.name.clone()),
        document: Some([Kind::Segment.as_str(), project, env, key].map(ToOwned::to_owned)),
    }
}

/// Bullets, one a line.
pub(super) fn description(before: &Segment, after: &Segment, parts: &[Part]) -> String {
    let mut bullets = Bullets::default();
    for part in parts {
        match part {
            Part::Name => bullets.changed("name", &before.name, &after.name),
            Part::Description => described(&before.description, &after.description, &mut bullets),
            Part::Tags if same(&before.tags, &after.tags) => bullets.line("Changed the order of the tags"),
            Part::Tags => bullets.tags(&before.tags, &after.tags),
            Part::Included => listed(before, after, SegmentList::Included, &mut bullets),
            Part::Excluded => listed(before, after, SegmentList::Excluded, &mut bullets),
            Part::Rules => bullets.line("Changed the targeting rules"),
            Part::ExpiringTargets => expiring(before, after, &mut bullets),
        }
    }
    bullets.markdown()
}

fn described(before: &str, after: &str, bullets: &mut Bullets) {
    match (before, after) {
        ("", after) => bullets.line(format!("Added the description {}", code(after))),
        (before, "") => bullets.line(format!("Removed the description ~~{}~~", code(before))),
        (before, after) => bullets.changed("description", &before, &after),
    }
}

/// Which contexts came to a list and which left it, by kind.
fn listed(before: &Segment, after: &Segment, list: SegmentList, bullets: &mut Bullets) {
    let mut said = false;
    for (verb, old, new) in [("Added", before, after), ("Removed", after, before)] {
        for (kind, keys) in lists::all(new, list) {
            let moved = only_in(keys, lists::keys(old, list, kind));
            if !moved.is_empty() {
                bullets.line(format!("{verb} {}", contexts(list, kind, &moved)));
                said = true;
            }
        }
    }
    if !said {
        bullets.line(format!("Changed the order of the {} contexts", name(list)));
    }
}

/// Keys that only the first of two lists has; each list has a key once. What both begin and end with is not looked
/// up: most of a million keys.
fn only_in<'a>(keys: &'a [String], old: &[String]) -> Vec<&'a str> {
    let begin = keys.iter().zip(old).take_while(|(a, b)| a == b).count();
    let (keys, old) = (&keys[begin..], &old[begin..]);
    let end = keys.iter().rev().zip(old.iter().rev()).take_while(|(a, b)| a == b).count();
    let (keys, old) = (&keys[..keys.len() - end], &old[..old.len() - end]);
    let there: HashSet<_> = old.iter().collect();
    keys.iter().filter(|key| !there.contains(key)).map(String::as_str).collect()
}

/// "the included user `ann`", "12 included contexts of the kind `device`".
fn contexts(list: SegmentList, kind: &str, keys: &[&str]) -> String {
    let (noun, of) = match kind {
        "user" => ("user", String::new()),
        kind => ("context", format!(" of the kind {}", code(kind))),
    };
    let list = name(list);
    let plural = if keys.len() == 1 { "" } else { "s" };
    let shown = names(keys.iter().copied(), noun);
    match shown.starts_with('`') {
        true => format!("the {list} {noun}{plural} {shown}{of}"),
        false => format!("{} {list} {noun}{plural}{of}", keys.len()),
    }
}

/// Who is to leave a list now, and who no longer is, although they stay.
fn expiring(before: &Segment, after: &Segment, bullets: &mut Bullets) {
    for one in &after.expiring_targets {
        let who = contexts(one.list, &one.context_kind, &[&one.context_key]);
        match before.expiring_targets.iter().find(|old| old.id == one.id) {
            None => bullets.line(format!("Planned to remove {who} {}", at(one.expires_at))),
            Some(old) if old.expires_at != one.expires_at => {
                bullets.line(format!("Changed the time to remove {who} {}", at(one.expires_at)));
            }
            Some(_) => {}
        }
    }
    let gone = before.expiring_targets.iter().filter(|old| !after.expiring_targets.iter().any(|one| one.id == old.id));
    for one in gone.filter(|one| lists::keys(after, one.list, &one.context_kind).contains(&one.context_key)) {
        bullets.line(format!("Cancelled to remove {}", contexts(one.list, &one.context_kind, &[&one.context_key])));
    }
}

fn same(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|one| b.contains(one))
}

/// A time for people.
fn at(time: Millis) -> String {
    let text = jiff::Timestamp::from_millisecond(time).map_or_else(|_| time.to_string(), |at| at.to_string());
    format!("at {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_begin_and_end_with_is_in_both() {
        let list = |keys: &str| keys.chars().map(String::from).collect::<Vec<_>>();
        for (keys, old, want) in [
            ("abc", "abc", ""),
            ("abxc", "abc", "x"),
            ("abc", "abxc", ""),
            ("xabc", "abc", "x"),
            ("abcx", "abc", "x"),
            ("cba", "abc", ""),
            ("axyb", "ayzb", "x"),
            ("ab", "", "ab"),
            ("", "ab", ""),
        ] {
            let keys = list(keys);
            assert_eq!(only_in(&keys, &list(old)).concat(), want, "{keys:?} {old}");
        }
    }
}
