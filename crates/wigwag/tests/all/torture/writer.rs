//! Those who write, each one request after the other, and what they were told.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use wigwag_testkit::{Client, flag};

use super::Progress;

/// Flags of a writer that come, change and go.
const EACH: usize = 5;
const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";

/// What is known of a flag: nothing where there is none, otherwise its description and whether it is on.
type State = Option<(String, bool)>;

/// The flags of one writer. An answer that never came leaves two states possible.
pub(crate) struct Flags {
    name: usize,
    step: usize,
    known: BTreeMap<String, State>,
    unanswered: Option<(String, State)>,
}

impl Flags {
    pub(crate) fn of(name: usize) -> Self {
        Self { name, step: 0, known: BTreeMap::new(), unanswered: None }
    }

    /// Creates, changes and deletes until the server is gone.
    pub(crate) async fn write(mut self, client: Client, progress: Arc<Progress>) -> Self {
        loop {
            self.step += 1;
            let key = format!("t{}-{}", self.name, self.step % EACH);
            let before = self.known.get(&key).cloned().flatten();
            let (method, path, body, after) = self.next(&key, before);
            let mut request = client.request(method, &path);
            if !body.is_null() {
                let kind = if method == "PATCH" { SEMANTIC } else { "application/json" };
                request = request.header(CONTENT_TYPE, kind).body(body.to_string());
            }
            self.unanswered = Some((key, after));
            let Ok(answer) = Client::try_send(request).await else { return self };
            assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text);
            self.settle();
            progress.more();
        }
    }

    /// A request, and what the flag is once it is done.
    fn next(&self, key: &str, before: State) -> (&'static str, String, Value, State) {
        let (one, all) = (format!("/api/v2/flags/default/{key}"), "/api/v2/flags/default".to_owned());
        let text = format!("step {}", self.step);
        match before {
            None => {
                let body = flag(key).with("description", json!(text)).body().clone();
                ("POST", all, body, Some((text, false)))
            }
            Some(_) if self.step.is_multiple_of(17) => ("DELETE", one, Value::Null, None),
            Some((description, on)) if self.step.is_multiple_of(2) => {
                let kind = if on { "turnFlagOff" } else { "turnFlagOn" };
                let body = json!({"environmentKey": "test", "instructions": [{"kind": kind}]});
                ("PATCH", one, body, Some((description, !on)))
            }
            Some((_, on)) => {
                let instruction = json!({"kind": "updateDescription", "value": text});
                ("PATCH", one, json!({"instructions": [instruction]}), Some((text, on)))
            }
        }
    }

    fn settle(&mut self) {
        if let Some((key, state)) = self.unanswered.take() {
            self.known.insert(key, state);
        }
    }

    /// Finds every flag as it was acknowledged. What was not answered is done or not, and from here on known.
    pub(crate) async fn check(&mut self, client: &Client) {
        for (key, expected) in &mut self.known {
            let found = stored(client, key).await;
            let possible = self.unanswered.as_ref().filter(|(unanswered, _)| unanswered == key);
            let allowed = found == *expected || possible.is_some_and(|(_, state)| *state == found);
            assert!(allowed, "{key}: {expected:?} was acknowledged, {possible:?} not answered, {found:?} is there");
            *expected = found;
        }
        if let Some((key, state)) = self.unanswered.take()
            && !self.known.contains_key(&key)
        {
            let found = stored(client, &key).await;
            assert!(found.is_none() || found == state, "{key}: {found:?}");
            self.known.insert(key, found);
        }
    }
}

async fn stored(client: &Client, key: &str) -> State {
    let answer = client.get(&format!("/api/v2/flags/default/{key}?env=test")).await;
    if answer.status == 404 {
        return None;
    }
    let found = answer.expect(200).json();
    let on = found["environments"]["test"]["on"].as_bool().unwrap();
    Some((found["description"].as_str().unwrap().to_owned(), on))
}

/// Contexts that one sender told of.
pub(crate) struct Sent {
    name: usize,
    step: usize,
    acknowledged: Vec<String>,
}

impl Sent {
    pub(crate) fn by(name: usize) -> Self {
        Self { name, step: 0, acknowledged: Vec::new() }
    }

    /// Sends until the server is gone.
    pub(crate) async fn send(mut self, client: Client, progress: Arc<Progress>) -> Self {
        loop {
            self.step += 1;
            let key = format!("s{}-{}", self.name, self.step);
            let events = json!([{"kind": "identify", "context": {"kind": "user", "key": key}}]);
            let request = client.request("POST", "/bulk").header("x-launchdarkly-payload-id", &key);
            let request = request.header("x-launchdarkly-event-schema", "4").body(events.to_string());
            let Ok(answer) = Client::try_send(request).await else { return self };
            answer.expect(202);
            self.acknowledged.push(key);
            progress.more();
        }
    }

    /// Hands over what was acknowledged so far.
    pub(crate) fn forget(&mut self) -> Vec<String> {
        std::mem::take(&mut self.acknowledged)
    }
}
