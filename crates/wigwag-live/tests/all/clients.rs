//! Results for clients: versions, what is affected, and streams that end up where a new one begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use wigwag_eval::client::ClientFlag;
use wigwag_live::{
    Audience, ClientStream, Content, EnvName, EnvSnapshot, Form, MemoryWrite, Next, PingStream, Shape, World,
};
use wigwag_model::context::Context;
use wigwag_model::doc::Kind;

use crate::history::{Historian, acts};
use crate::support::{asking, config, env, flag, flag_doc, gone, key_of, segment};

pub(crate) const FORM: Form = Form { reasons: false, shape: Shape::Results };
pub(crate) const MEMBER: &str = r#"{"kind":"user","key":"0"}"#;
pub(crate) const STRANGER: &str = r#"{"kind":"user","key":"nobody"}"#;

/// Environment `e` as documents lead to it.
pub(crate) struct Site {
    log: wigwag_live::MemoryLog,
    world: World,
}

impl Site {
    pub(crate) fn with(writes: Vec<MemoryWrite>) -> Self {
        let mut site = Self { log: wigwag_live::MemoryLog::default(), world: World::default() };
        site.commit(vec![env("e", &[key_of("sdk-e", None)])]);
        site.commit(writes);
        site
    }

    /// Returns the sequence of the change.
    pub(crate) fn commit(&mut self, writes: Vec<MemoryWrite>) -> u64 {
        let seq = self.log.commit(writes);
        for change in self.log.after(self.world.seq()) {
            self.world.apply(change);
        }
        seq
    }

    pub(crate) fn snapshot(&self) -> Arc<EnvSnapshot> {
        Arc::clone(self.world.env(&("p".into(), "e".into())).unwrap())
    }

    /// The versions clients get, here and on a server that has just started.
    fn version(&self, key: &str) -> u64 {
        let of = |snapshot: &EnvSnapshot| snapshot.client_version(snapshot.flags().get(key).unwrap());
        let anew = World::rebuild(self.log.state());
        let version = of(&self.snapshot());
        assert_eq!(of(anew.env(&("p".into(), "e".into())).unwrap()), version, "{key} after a restart");
        version
    }

    fn affected(&self) -> Vec<String> {
        let snapshot = self.snapshot();
        let update = snapshot.tail().after(snapshot.seq() - 1).unwrap();
        update.affected().iter().map(ToString::to_string).collect()
    }
}

/// `top` requires `mid`, which requires `base`, which asks segment `s`, which asks segment `t`; `alone` nothing.
pub(crate) fn chain() -> Vec<MemoryWrite> {
    let values = [json!("on"), json!("off"), json!("member")];
    let mut writes: Vec<_> = ["top", "mid", "base", "alone"].iter().map(|key| flag_doc(key, &values, false)).collect();
    writes.extend([
        config("e", "top", true, &["mid"]),
        config("e", "mid", true, &["base"]),
        asking("e", "base", true, &[], &["s"]),
        config("e", "alone", true, &[]),
        segment("e", "s", &[], &["t"]),
        segment("e", "t", &["0"], &[]),
    ]);
    writes
}

#[test]
fn versions_rise_with_everything_a_result_can_depend_on() {
    let mut site = Site::with(chain());
    let keys = ["top", "mid", "base", "alone"];
    let versions = |site: &Site| keys.map(|key| site.version(key));
    assert_eq!(versions(&site), [2, 2, 2, 2]);
    let nested = site.commit(vec![segment("e", "t", &[], &[])]);
    assert_eq!(versions(&site), [nested, nested, nested, 2]);
    assert_eq!(site.affected(), ["base", "mid", "top"]);
    let mid = site.commit(vec![config("e", "mid", false, &["base"])]);
    assert_eq!(versions(&site), [mid, mid, nested, 2]);
    assert_eq!(site.affected(), ["mid", "top"]);
    let alone = site.commit(vec![config("e", "alone", false, &[])]);
    assert_eq!(versions(&site), [mid, mid, nested, alone]);
    assert_eq!(site.affected(), ["alone"]);
    // What is no longer depended on no longer counts, and nothing goes down.
    let freed = site.commit(vec![config("e", "top", true, &[])]);
    site.commit(vec![config("e", "mid", true, &[])]);
    assert_eq!(site.version("top"), freed);
}

#[test]
fn versions_do_not_move_with_what_no_sdk_sees() {
    let mut site = Site::with(chain());
    site.commit(vec![flag_doc("alone", &[json!("on"), json!("off"), json!("member")], false)]);
    assert_eq!(site.version("alone"), 2);
    site.commit(vec![segment("e", "unused", &["0"], &[])]);
    assert_eq!(site.affected(), Vec::<String>::new());
}

#[test]
fn an_archived_prerequisite_counts_as_well() {
    let mut site = Site::with(chain());
    let values = [json!("on"), json!("off"), json!("member")];
    let archived = site.commit(vec![flag_doc("mid", &values, true), config("e", "mid", true, &["base"])]);
    assert_eq!(site.version("top"), archived);
    // A change that nothing is told of: the flag is archived.
    let hidden = site.commit(vec![config("e", "mid", false, &[])]);
    assert_eq!(site.version("top"), hidden);
    assert_eq!(site.snapshot().seq(), archived);
}

pub(crate) fn stream(audience: Audience, context: &str) -> ClientStream {
    ClientStream::new(audience, FORM, false, context.as_bytes()).unwrap()
}

/// What can be had now.
pub(crate) fn drain(stream: &mut impl Content, snapshot: &Arc<EnvSnapshot>) -> String {
    let mut out = Vec::new();
    while let Next::Send(bytes) = stream.next(snapshot) {
        out.extend_from_slice(&bytes);
        if out.ends_with(b"event: ping\ndata:  \n\n") && out.len() > 100 {
            panic!("pings without end");
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn only_contexts_whose_result_differs_are_told() {
    let mut site = Site::with(chain());
    let mut member = stream(Audience::Mobile, MEMBER);
    let mut stranger = stream(Audience::Mobile, STRANGER);
    let put = drain(&mut member, &site.snapshot());
    assert!(put.starts_with(
        "event: put\ndata: {\"alone\":{\"value\":\"on\",\"variation\":0,\"flagVersion\":1,\"version\":2},"
    ));
    assert!(put.ends_with("}\n\n"));
    drain(&mut stranger, &site.snapshot());
    // `0` leaves the segment: `base` goes back to variation 0 and with it `mid` and `top` come on.
    let seq = site.commit(vec![segment("e", "t", &[], &[])]);
    let told = drain(&mut member, &site.snapshot());
    assert_eq!(told.matches("event: patch").count(), 3, "{told}");
    assert!(told.contains(&format!("\"flagVersion\":1,\"version\":{seq},\"key\":\"base\"}}")), "{told}");
    assert_eq!(drain(&mut stranger, &site.snapshot()), "");
    // A rule for somebody else changes the flag's version and nobody's result.
    site.commit(vec![asking("e", "alone", true, &[], &["t"])]);
    assert_eq!(drain(&mut member, &site.snapshot()), "");
    assert_eq!(drain(&mut stranger, &site.snapshot()), "");
    // Two changes at once, seen together.
    site.commit(vec![config("e", "alone", false, &[])]);
    let gone_at = site.commit(vec![gone(Kind::FlagConfig, "p", "e", "top")]);
    let told = drain(&mut stranger, &site.snapshot());
    assert!(told.contains("\"key\":\"alone\""), "{told}");
    assert!(told.contains(&format!("event: delete\ndata: {{\"key\":\"top\",\"version\":{gone_at}}}\n\n")), "{told}");
    assert_eq!(told.matches("event: ").count(), 2, "{told}");
}

#[test]
fn a_flag_that_is_no_longer_seen_is_deleted_and_one_newly_seen_arrives() {
    let mut site = Site::with(flag("f"));
    let mut phone = stream(Audience::Mobile, STRANGER);
    let mut browser = stream(Audience::EnvironmentId, STRANGER);
    drain(&mut phone, &site.snapshot());
    assert_eq!(drain(&mut browser, &site.snapshot()), "event: put\ndata: {}\n\n");
    let mut doc = flag_doc("f", &[json!(true), json!(false)], false);
    doc.body = doc.body.map(|body| {
        body.replace("\"usingMobileKey\":true", "\"usingMobileKey\":false")
            .replace("\"usingEnvironmentId\":false", "\"usingEnvironmentId\":true")
    });
    let seq = site.commit(vec![doc, config("e", "f", true, &[])]);
    assert_eq!(
        drain(&mut phone, &site.snapshot()),
        format!("event: delete\ndata: {{\"key\":\"f\",\"version\":{seq}}}\n\n")
    );
    assert!(drain(&mut browser, &site.snapshot()).starts_with("event: patch\ndata: {\"value\":true,"));
}

#[test]
fn a_large_put_comes_in_pieces_and_belongs_together() {
    let long = json!("x".repeat(1000));
    let writes = (0..100).flat_map(|n| {
        let key = format!("f{n}");
        [flag_doc(&key, &[long.clone(), json!(0)], false), config("e", &key, true, &[])]
    });
    let mut site = Site::with(writes.collect());
    let mut member = stream(Audience::Mobile, MEMBER);
    let first = site.snapshot();
    let Next::Send(piece) = member.next(&first) else { panic!("nothing came") };
    assert!(piece.len() < 32 << 10);
    // What changes meanwhile comes after it.
    site.commit(vec![config("e", "f7", false, &[])]);
    let rest = drain(&mut member, &site.snapshot());
    let (put, patch) = rest.split_once("\n\n").unwrap();
    let put = [std::str::from_utf8(&piece).unwrap(), put].concat();
    let put: Value = serde_json::from_str(put.strip_prefix("event: put\ndata: ").unwrap()).unwrap();
    assert_eq!(put.as_object().unwrap().len(), 100);
    assert_eq!(put["f7"]["value"], long);
    assert!(patch.starts_with("event: patch\ndata: {\"value\":0,"), "{patch}");
}

#[test]
fn secure_mode_ends_streams_without_proof() {
    let mut site = Site::with(flag("f"));
    let (mut browser, mut phone) = (stream(Audience::EnvironmentId, MEMBER), stream(Audience::Mobile, MEMBER));
    let mut vouched = ClientStream::new(Audience::EnvironmentId, FORM, true, MEMBER.as_bytes()).unwrap();
    for stream in [&mut browser, &mut phone, &mut vouched] {
        drain(stream, &site.snapshot());
    }
    let mut secure = env("e", &[key_of("sdk-e", None)]);
    secure.body = secure.body.map(|body| body.replacen('{', "{\"secureMode\":true,", 1));
    site.commit(vec![secure]);
    assert_eq!(browser.next(&site.snapshot()), Next::End);
    assert_eq!(phone.next(&site.snapshot()), Next::Wait);
    assert_eq!(vouched.next(&site.snapshot()), Next::Wait);
}

#[test]
fn pings_come_at_once_and_when_something_visible_changed() {
    let mut site = Site::with(chain());
    let (mut phone, mut browser) = (PingStream::new(Audience::Mobile), PingStream::new(Audience::EnvironmentId));
    let ping = "event: ping\ndata:  \n\n";
    assert_eq!(
        (drain(&mut phone, &site.snapshot()), drain(&mut browser, &site.snapshot())),
        (ping.into(), ping.into())
    );
    site.commit(vec![segment("e", "unused", &["0"], &[])]);
    assert_eq!(drain(&mut phone, &site.snapshot()), "");
    site.commit(vec![segment("e", "t", &[], &[])]);
    assert_eq!(drain(&mut phone, &site.snapshot()), ping);
    assert_eq!(drain(&mut browser, &site.snapshot()), "", "browsers see none of these flags");
}

/// Flags whose results need more than copying: experiments, tracked rules, debugging, prerequisites.
fn particular() -> Vec<MemoryWrite> {
    let of = |key: &str, more: Value| {
        let mut write = asking("e", key, true, &[], &["s"]);
        let mut body: Value = serde_json::from_str(&write.body.unwrap()).unwrap();
        more.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
        write.body = Some(body.to_string());
        [flag_doc(key, &[json!("a\"\u{7}"), json!({ "n": [1, null] }), json!(2.5)], false), write]
    };
    let weights =
        json!([{ "variation": 0, "weight": 40_000 }, { "variation": 1, "weight": 60_000, "untracked": true }]);
    let mut writes = chain();
    writes.extend(of("tracked", json!({ "trackEvents": true, "debugEventsUntil": 12 })));
    writes.extend(of("fallen", json!({ "trackEventsFallthrough": true })));
    writes
        .extend(of("tested", json!({ "fallthrough": { "rollout": { "kind": "experiment", "variations": weights } } })));
    writes.extend(of("both", json!({ "trackEvents": true, "trackEventsFallthrough": true })));
    writes.extend(of("broken", json!({ "fallthrough": { "variation": 9 } })));
    writes
}

#[test]
fn results_are_those_of_the_engine() {
    let site = Site::with(particular());
    let snapshot = site.snapshot();
    let mut tracked = 0;
    for context in [MEMBER, STRANGER, r#"{"kind":"user","key":"k3"}"#, r#"{"kind":"user","key":"k4"}"#] {
        let context = Context::from_json(context.as_bytes()).unwrap();
        for reasons in [false, true] {
            let body = snapshot.clients(Audience::Mobile).evaluate(&*snapshot, &context, Form { reasons, ..FORM });
            let body: BTreeMap<String, Value> = serde_json::from_slice(&body).unwrap();
            assert_eq!(body.len(), 9);
            for flag in snapshot.flags().iter() {
                let mut expected = ClientFlag::evaluate(&*snapshot, flag.compiled(), &context, reasons);
                expected.version = snapshot.client_version(flag);
                assert_eq!(body[flag.key()], serde_json::to_value(&expected).unwrap(), "{}", flag.key());
                tracked += usize::from(expected.track_reason);
            }
        }
    }
    assert!(tracked > 8, "too few experiments to tell anything");
}

/// What a client SDK keeps, by the rules of sdk-protocol.md 5.6.
#[derive(Default)]
struct Client {
    /// Version and result; none for what was deleted.
    flags: BTreeMap<String, (u64, Option<Value>)>,
}

impl Client {
    fn read(&mut self, events: &str) {
        for event in events.split_terminator("\n\n") {
            let (name, data) = event.split_once('\n').unwrap();
            let mut data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            if name == "event: put" {
                let all = data.as_object().unwrap().iter();
                self.flags =
                    all.map(|(key, v)| (key.clone(), (v["version"].as_u64().unwrap(), Some(v.clone())))).collect();
                continue;
            }
            let key = data.as_object_mut().unwrap().shift_remove("key").unwrap();
            let key = key.as_str().unwrap().to_owned();
            let version = data["version"].as_u64().unwrap();
            assert!(self.flags.get(&key).is_none_or(|(known, _)| *known < version), "{event} would be ignored");
            self.flags.insert(key, (version, (name == "event: patch").then_some(data)));
        }
    }

    fn results(&self) -> BTreeMap<&str, Value> {
        let live = self.flags.iter().filter_map(|(key, (_, result))| Some((key.as_str(), result.clone()?)));
        live.map(|(key, result)| (key, without_versions(result))).collect()
    }
}

pub(crate) fn without_versions(mut result: Value) -> Value {
    let members = result.as_object_mut().unwrap();
    members.shift_remove("version");
    members.shift_remove("flagVersion");
    result
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_stream_replayed_equals_an_evaluation(history in acts(), join in 0..8_usize) {
        let mut historian = Historian::default();
        let mut world = World::default();
        let mut clients: BTreeMap<(EnvName, u8), (ClientStream, Client)> = BTreeMap::new();
        for (n, change) in history.iter().enumerate() {
            historian.commit(change);
            for change in historian.log.after(world.seq()) {
                world.apply(change);
            }
            clients.retain(|(name, _), _| world.env(name).is_some());
            if n < join {
                continue;
            }
            for (name, snapshot) in world.envs() {
                for (which, (audience, context)) in
                    (0..).zip([(Audience::Mobile, MEMBER), (Audience::EnvironmentId, STRANGER)])
                {
                    let client = clients.entry((name.clone(), which));
                    let (stream, client) = client.or_insert_with(|| (stream(audience, context), Client::default()));
                    let events = drain(stream, snapshot);
                    client.read(&events);
                    let context = Context::from_json(context.as_bytes()).unwrap();
                    let body = snapshot.clients(audience).evaluate(&**snapshot, &context, FORM);
                    let body: BTreeMap<String, Value> = serde_json::from_slice(&body).unwrap();
                    let now: BTreeMap<&str, Value> =
                        body.iter().map(|(key, result)| (key.as_str(), without_versions(result.clone()))).collect();
                    prop_assert_eq!(client.results(), now);
                }
            }
        }
    }
}
