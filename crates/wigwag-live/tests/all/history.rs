//! Random histories that keep the store's promises: configurations exist in every environment, and a
//! change of a flag that SDKs can see touches its configurations.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;
use wigwag_live::{MemoryLog, MemoryWrite};
use wigwag_model::doc::Kind;

use crate::support::{asking, config, env, flag_doc, gone, key_of, segment};

/// One thing somebody does.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Flag { flag: u8, variations: u8, archived: bool },
    Config { env: u8, flag: u8, on: bool, requires: Option<u8>, asks: Option<u8> },
    DeleteFlag { flag: u8 },
    Segment { env: u8, segment: u8, members: u8, uses: Option<u8> },
    DeleteSegment { env: u8, segment: u8 },
    Env { env: u8, key: u8 },
    DeleteEnv { env: u8 },
    Rename { flag: u8 },
}

pub(crate) fn acts() -> impl Strategy<Value = Vec<Vec<Act>>> {
    let act = prop_oneof![
        4 => (0..6_u8, 1..4_u8, prop::bool::weighted(0.2)).prop_map(|(flag, variations, archived)| Act::Flag { flag, variations, archived }),
        8 => (0..2_u8, 0..6_u8, any::<bool>(), prop::option::of(0..6_u8), prop::option::of(0..4_u8)).prop_map(|(env, flag, on, requires, asks)| Act::Config { env, flag, on, requires, asks }),
        2 => (0..6_u8).prop_map(|flag| Act::DeleteFlag { flag }),
        4 => (0..2_u8, 0..4_u8, 0..3_u8, prop::option::of(0..4_u8)).prop_map(|(env, segment, members, uses)| Act::Segment { env, segment, members, uses }),
        1 => (0..2_u8, 0..4_u8).prop_map(|(env, segment)| Act::DeleteSegment { env, segment }),
        2 => (0..2_u8, 0..3_u8).prop_map(|(env, key)| Act::Env { env, key }),
        1 => (0..2_u8).prop_map(|env| Act::DeleteEnv { env }),
        1 => (0..6_u8).prop_map(|flag| Act::Rename { flag }),
    ];
    prop::collection::vec(prop::collection::vec(act, 1..4), 1..40)
}

/// Writes acts to a log.
#[derive(Default)]
pub(crate) struct Historian {
    pub(crate) log: MemoryLog,
    flags: BTreeMap<u8, MemoryWrite>,
    segments: BTreeSet<(u8, u8)>,
    envs: BTreeSet<u8>,
}

impl Historian {
    /// One change; acts that make no sense now are left out, and so may be the whole change.
    pub(crate) fn commit(&mut self, acts: &[Act]) {
        // One document once in a change.
        let mut writes: Vec<MemoryWrite> = Vec::new();
        for write in acts.iter().flat_map(|act| self.act(act)) {
            writes.retain(|w| (w.kind, &w.env, &w.key) != (write.kind, &write.env, &write.key));
            writes.push(write);
        }
        if !writes.is_empty() {
            self.log.commit(writes);
        }
    }

    fn act(&mut self, act: &Act) -> Vec<MemoryWrite> {
        match *act {
            Act::Flag { flag, variations, archived } => {
                let values: Vec<_> = (0..variations).map(|n| json!(n)).collect();
                let mut doc = flag_doc(&flag_key(flag), &values, archived);
                if variations % 2 == 1 {
                    let seen =
                        |body: String| body.replace("\"usingEnvironmentId\":false", "\"usingEnvironmentId\":true");
                    doc.body = doc.body.map(seen);
                }
                self.flags.insert(flag, doc.clone());
                let configs = self.envs.iter().map(|env| config(&env_key(*env), &flag_key(flag), true, &[]));
                std::iter::once(doc).chain(configs).collect()
            }
            Act::Config { env, flag, on, requires, asks } => {
                let requires: Vec<String> = requires.map(flag_key).into_iter().collect();
                let requires: Vec<&str> = requires.iter().map(String::as_str).collect();
                let known = self.flags.contains_key(&flag) && self.envs.contains(&env);
                let asks: Vec<String> = asks.map(segment_key).into_iter().collect();
                let asks: Vec<&str> = asks.iter().map(String::as_str).collect();
                known.then(|| asking(&env_key(env), &flag_key(flag), on, &requires, &asks)).into_iter().collect()
            }
            Act::DeleteFlag { flag } => {
                if self.flags.remove(&flag).is_none() {
                    return Vec::new();
                }
                let configs = self.envs.iter().map(|env| gone(Kind::FlagConfig, "p", &env_key(*env), &flag_key(flag)));
                configs.chain([gone(Kind::Flag, "p", "", &flag_key(flag))]).collect()
            }
            Act::Segment { env, segment: n, members, uses } => {
                if !self.envs.contains(&env) {
                    return Vec::new();
                }
                self.segments.insert((env, n));
                let members: Vec<String> = (0..members).map(|m| m.to_string()).collect();
                let members: Vec<&str> = members.iter().map(String::as_str).collect();
                let uses: Vec<String> = uses.map(segment_key).into_iter().collect();
                let uses: Vec<&str> = uses.iter().map(String::as_str).collect();
                vec![segment(&env_key(env), &segment_key(n), &members, &uses)]
            }
            Act::DeleteSegment { env, segment } => {
                let known = self.segments.remove(&(env, segment));
                known.then(|| gone(Kind::Segment, "p", &env_key(env), &segment_key(segment))).into_iter().collect()
            }
            Act::Env { env: n, key } => {
                let doc = env(&env_key(n), &[key_of(&format!("sdk-{n}-{key}"), None)]);
                if !self.envs.insert(n) {
                    return vec![doc];
                }
                let configs = self.flags.keys().map(|flag| config(&env_key(n), &flag_key(*flag), false, &[]));
                configs.chain([doc]).collect()
            }
            Act::DeleteEnv { env } => {
                if !self.envs.remove(&env) {
                    return Vec::new();
                }
                let mut writes = vec![gone(Kind::Environment, "p", "", &env_key(env))];
                writes.extend(self.flags.keys().map(|f| gone(Kind::FlagConfig, "p", &env_key(env), &flag_key(*f))));
                let segments = self.segments.iter().filter(|(e, _)| *e == env);
                writes.extend(segments.map(|(_, s)| gone(Kind::Segment, "p", &env_key(env), &segment_key(*s))));
                self.segments.retain(|(e, _)| *e != env);
                writes
            }
            // Nothing SDKs can see: its configurations stay untouched.
            Act::Rename { flag } => {
                let renamed = |doc: &MemoryWrite| {
                    let body = doc.body.as_ref().map(|body| body.replace("\"name\":\"f", "\"name\":\"other f"));
                    MemoryWrite { body, ..doc.clone() }
                };
                self.flags.get(&flag).map(renamed).into_iter().collect()
            }
        }
    }
}

fn env_key(n: u8) -> String {
    format!("e{n}")
}

fn flag_key(n: u8) -> String {
    format!("f{n}")
}

fn segment_key(n: u8) -> String {
    format!("s{n}")
}
