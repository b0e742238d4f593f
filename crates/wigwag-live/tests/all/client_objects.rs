//! Results as objects of the newer protocol: streams and polls end up where an evaluation begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use wigwag_live::{Audience, ClientPoll, ClientStream, Content, EnvName, EnvSnapshot, Seen, World};
use wigwag_model::context::Context;
use wigwag_model::doc::Kind;

use crate::clients::{FORM, MEMBER, STRANGER, Site, chain, drain, stream, without_versions};
use crate::history::{Historian, acts};
use crate::support::{asking, config, flag_doc, gone, segment};

/// What a client SDK keeps, by the rules of sdk-protocol.md 3.3.
#[derive(Default)]
struct Client {
    flags: BTreeMap<String, Value>,
    state: String,
    /// Intents that were read, and keys put and deleted.
    said: Vec<String>,
}

impl Client {
    fn read(&mut self, events: Vec<(String, Value)>) {
        let mut pending = None;
        for (name, data) in events {
            match name.as_str() {
                "server-intent" => {
                    assert!(pending.is_none(), "an intent before the last was carried out");
                    let payload = &data["payloads"][0];
                    assert!(payload["id"].is_string() && payload["target"].is_u64() && payload["reason"].is_string());
                    let code = payload["intentCode"].as_str().unwrap();
                    self.said.push(code.to_owned());
                    pending = match code {
                        "xfer-full" => Some(BTreeMap::new()),
                        "xfer-changes" => Some(self.flags.clone()),
                        _ => None,
                    };
                }
                "put-object" => {
                    assert_eq!(data["kind"], "flag-eval");
                    assert!(data["object"].get("version").is_none() && data["version"].is_u64());
                    let key = data["key"].as_str().unwrap().to_owned();
                    self.said.push(format!("+{key}"));
                    pending.as_mut().unwrap().insert(key, data["object"].clone());
                }
                "delete-object" => {
                    assert_eq!(data["kind"], "flag-eval");
                    let key = data["key"].as_str().unwrap();
                    self.said.push(format!("-{key}"));
                    pending.as_mut().unwrap().remove(key);
                }
                "payload-transferred" => {
                    self.flags = pending.take().unwrap();
                    self.state = data["state"].as_str().unwrap().to_owned();
                }
                other => panic!("{other}"),
            }
        }
        assert!(pending.is_none(), "not carried out");
    }

    fn stream(&mut self, stream: &mut ClientStream, snapshot: &Arc<EnvSnapshot>) {
        let text = drain(stream, snapshot);
        let event = |event: &str| {
            let (name, data) = event.split_once('\n').unwrap();
            let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            (name.strip_prefix("event: ").unwrap().to_owned(), data)
        };
        self.read(text.split_terminator("\n\n").map(event).collect());
    }

    fn poll(&mut self, snapshot: &EnvSnapshot, audience: Audience, context: &str) {
        let poll = ClientPoll::new(Seen::new(snapshot, None), audience, FORM, context.as_bytes());
        let context = Context::from_json(context.as_bytes()).unwrap();
        let body: Value = serde_json::from_slice(&poll.body(&context, Some(&self.state))).unwrap();
        let event = |e: &Value| (e["event"].as_str().unwrap().to_owned(), e["data"].clone());
        self.read(body["events"].as_array().unwrap().iter().map(event).collect());
        assert_eq!(contents(&self.state), contents(&poll.state()));
    }

    fn results(&self) -> BTreeMap<&str, Value> {
        self.flags.iter().map(|(key, result)| (key.as_str(), without_versions(result.clone()))).collect()
    }

    fn said(&mut self) -> String {
        std::mem::take(&mut self.said).join(" ")
    }
}

/// What counts of a state: it may have been told before others that came to the same contents.
fn contents(state: &str) -> Vec<&str> {
    state.split(':').skip(3).collect()
}

fn objects(audience: Audience, context: &str, basis: Option<&str>) -> ClientStream {
    stream(audience, context).of_objects(basis)
}

#[test]
fn streams_and_polls_get_what_differs_only() {
    let mut site = Site::with(chain());
    let (mut member, mut stranger, mut poller) = (Client::default(), Client::default(), Client::default());
    let mut streams = (objects(Audience::Mobile, MEMBER, None), objects(Audience::Mobile, STRANGER, None));
    member.stream(&mut streams.0, &site.snapshot());
    stranger.stream(&mut streams.1, &site.snapshot());
    poller.poll(&site.snapshot(), Audience::Mobile, MEMBER);
    assert_eq!(member.said(), "xfer-full +alone +base +mid +top");
    assert_eq!(stranger.said(), "xfer-full +alone +base +mid +top");
    assert_eq!(poller.said(), "xfer-full +alone +base +mid +top");
    assert_eq!(member.flags, poller.flags);
    assert_eq!(member.flags["alone"], json!({ "value": "on", "variation": 0, "flagVersion": 1 }));
    poller.poll(&site.snapshot(), Audience::Mobile, MEMBER);
    assert_eq!(poller.said(), "none");

    site.commit(vec![segment("e", "t", &[], &[])]);
    site.commit(vec![asking("e", "alone", true, &[], &["t"])]);
    site.commit(vec![gone(Kind::FlagConfig, "p", "e", "top")]);
    member.stream(&mut streams.0, &site.snapshot());
    stranger.stream(&mut streams.1, &site.snapshot());
    assert_eq!(member.said(), "xfer-changes +base +mid -top");
    assert_eq!(stranger.said(), "xfer-changes -top");
    // Nobody remembers what a poller had, so what may have changed comes as well.
    poller.poll(&site.snapshot(), Audience::Mobile, MEMBER);
    assert_eq!(poller.said(), "xfer-changes +alone +base +mid -top");
    assert_eq!(member.results(), poller.results());

    // A change that concerns nobody's result is not written, and what the stream said before still leads on.
    let older = stranger.state.clone();
    site.commit(vec![asking("e", "alone", true, &[], &["s", "t"])]);
    stranger.stream(&mut streams.1, &site.snapshot());
    assert_eq!(stranger.said(), "");
    stranger.stream(&mut objects(Audience::Mobile, STRANGER, Some(&older)), &site.snapshot());
    assert_eq!(stranger.said(), "xfer-changes +alone");
    let newest = stranger.state.clone();
    stranger.stream(&mut objects(Audience::Mobile, STRANGER, Some(&newest)), &site.snapshot());
    assert_eq!(stranger.said(), "none");
}

#[test]
fn a_state_of_another_client_leads_to_everything() {
    let site = Site::with(chain());
    let snapshot = site.snapshot();
    let mut client = Client::default();
    client.poll(&snapshot, Audience::Mobile, MEMBER);
    let state = client.state.clone();
    assert!(state.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:()".contains(&b)), "{state}");
    let intent = |audience, context: &str, reasons: bool| {
        let form = wigwag_live::Form { reasons, ..FORM };
        let poll = ClientPoll::new(Seen::new(&snapshot, None), audience, form, context.as_bytes());
        let read = Context::from_json(context.as_bytes()).unwrap();
        let body: Value = serde_json::from_slice(&poll.body(&read, Some(&state))).unwrap();
        body["events"][0]["data"]["payloads"][0]["intentCode"].as_str().unwrap().to_owned()
    };
    assert_eq!(intent(Audience::Mobile, MEMBER, false), "none");
    assert_eq!(intent(Audience::Mobile, STRANGER, false), "xfer-full");
    assert_eq!(intent(Audience::Mobile, r#"{"kind":"user","key":"0","plan":"gold"}"#, false), "xfer-full");
    assert_eq!(intent(Audience::Mobile, MEMBER, true), "xfer-full");
    assert_eq!(intent(Audience::EnvironmentId, MEMBER, false), "xfer-full");
}

#[test]
fn flags_that_were_never_seen_are_not_named() {
    let mut site = Site::with(chain());
    let mut browser = Client::default();
    let mut open = objects(Audience::EnvironmentId, MEMBER, None);
    browser.stream(&mut open, &site.snapshot());
    let (at_start, mut poller) = (browser.state.clone(), Client::default());
    poller.poll(&site.snapshot(), Audience::EnvironmentId, MEMBER);
    site.commit(vec![gone(Kind::FlagConfig, "p", "e", "top"), segment("e", "t", &[], &[])]);
    for client in [&mut browser, &mut poller] {
        client.said();
    }
    browser.stream(&mut open, &site.snapshot());
    poller.poll(&site.snapshot(), Audience::EnvironmentId, MEMBER);
    assert_eq!((browser.said(), poller.said()), (String::new(), "xfer-changes".to_owned()));
    // One that becomes visible, and is hidden again.
    let visible = |visible: bool| {
        let mut doc = flag_doc("alone", &[json!(true), json!(false)], false);
        let to = format!("\"usingEnvironmentId\":{visible}");
        doc.body = doc.body.map(|body| body.replace("\"usingEnvironmentId\":false", &to));
        vec![doc, config("e", "alone", true, &[])]
    };
    site.commit(visible(true));
    browser.stream(&mut open, &site.snapshot());
    poller.poll(&site.snapshot(), Audience::EnvironmentId, MEMBER);
    assert_eq!((browser.said(), poller.said()), ("xfer-changes +alone".to_owned(), "xfer-changes +alone".to_owned()));
    site.commit(visible(false));
    browser.stream(&mut open, &site.snapshot());
    poller.poll(&site.snapshot(), Audience::EnvironmentId, MEMBER);
    assert_eq!((browser.said(), poller.said()), ("xfer-changes -alone".to_owned(), "xfer-changes -alone".to_owned()));
    let mut late = Client { state: at_start, ..Client::default() };
    late.poll(&site.snapshot(), Audience::EnvironmentId, MEMBER);
    assert!(late.flags.is_empty() && !late.said().contains("top"));
}

#[test]
fn a_server_that_goes_away_says_so_between_groups_only() {
    let long = json!("x".repeat(1000));
    let writes = (0..100).flat_map(|n| {
        let key = format!("f{n}");
        [flag_doc(&key, &[long.clone(), json!(0)], false), config("e", &key, true, &[])]
    });
    let site = Site::with(writes.collect());
    let mut open = objects(Audience::Mobile, MEMBER, None);
    assert!(matches!(open.next(&site.snapshot()), wigwag_live::Next::Send(_)));
    assert_eq!(open.farewell(), None, "in the middle of everything");
    let mut client = Client::default();
    let mut open = objects(Audience::Mobile, MEMBER, None);
    client.stream(&mut open, &site.snapshot());
    assert_eq!(client.flags.len(), 100);
    assert!(open.farewell().unwrap().starts_with(b"event: goodbye\n"));
    assert_eq!(open.farewell(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn objects_replayed_equal_an_evaluation(history in acts(), join in 0..8_usize, pause in 1..5_usize) {
        let mut historian = Historian::default();
        let mut world = World::default();
        let mut clients: BTreeMap<(EnvName, u8), (ClientStream, Client, Client)> = BTreeMap::new();
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
                    let new = || (objects(audience, context, None), Client::default(), Client::default());
                    let (open, streamed, polled) = client.or_insert_with(new);
                    let context_read = Context::from_json(context.as_bytes()).unwrap();
                    let body = snapshot.clients(audience).evaluate(&**snapshot, &context_read, FORM);
                    let body: BTreeMap<String, Value> = serde_json::from_slice(&body).unwrap();
                    let now: BTreeMap<&str, Value> =
                        body.iter().map(|(key, result)| (key.as_str(), without_versions(result.clone()))).collect();
                    if n % pause == 0 {
                        // Comes back with what it holds, to a server that has seen all or has just started.
                        *open = objects(audience, context, Some(&streamed.state));
                    }
                    streamed.stream(open, snapshot);
                    prop_assert_eq!(streamed.results(), now.clone());
                    if n % pause == 0 {
                        polled.poll(snapshot, audience, context);
                        prop_assert_eq!(polled.results(), now);
                    }
                }
            }
        }
    }
}
