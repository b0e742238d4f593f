//! Members of big segments in what clients are told.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as Task, Poll, Waker};

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use wigwag_eval::BigSegmentsStatus as Status;
use wigwag_live::{
    Answers, Audience, ClientPoll, ClientStream, Content, EnvSnapshot, Form, MemberQuestion, Members, MirrorItem, Next,
    Seen, ask,
};
use wigwag_model::context::Context;

use crate::clients::{FORM, MEMBER, STRANGER, Site};
use crate::support::{asking, big_segment, config, flag_doc};

/// Members by segment, generation and key. Answers as soon as it is let.
struct Lists {
    members: Mutex<BTreeSet<(String, i64, String)>>,
    fails: Mutex<bool>,
    asked: AtomicUsize,
    gate: Arc<Semaphore>,
}

impl Lists {
    fn of(members: &[(&str, &str)]) -> Arc<Self> {
        let members = members.iter().map(|(segment, key)| ((*segment).to_owned(), 1, (*key).to_owned())).collect();
        let gate = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        Arc::new(Self { members: Mutex::new(members), fails: Mutex::new(false), asked: AtomicUsize::new(0), gate })
    }

    fn add(&self, segment: &str, key: &str) {
        self.members.lock().unwrap().insert((segment.to_owned(), 1, key.to_owned()));
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }
}

impl Members for Lists {
    fn ask(&self, env: &str, questions: Vec<MemberQuestion>) -> Answers {
        assert_eq!(env, "id-e");
        self.asked.fetch_add(1, Ordering::SeqCst);
        let fails = *self.fails.lock().unwrap();
        let members = self.members.lock().unwrap().clone();
        let gate = Arc::clone(&self.gate);
        Box::pin(async move {
            let _open = gate.acquire().await.unwrap();
            if fails {
                return (Status::StoreError, Vec::new());
            }
            let found = questions
                .into_iter()
                .map(|q| members.contains(&(q.segment.to_string(), q.generation, q.key.to_string())).then_some(true));
            (Status::Healthy, found.collect())
        })
    }
}

/// `big` decides about `vip`, which `gated` requires; nothing asks `other`; `plain` asks nothing.
fn site() -> Site {
    let values = [json!("in"), json!("out"), json!("member")];
    let mut writes: Vec<_> = ["vip", "gated", "plain"].iter().map(|key| flag_doc(key, &values, false)).collect();
    writes.extend([
        asking("e", "vip", true, &[], &["big"]),
        config("e", "gated", true, &["vip"]),
        config("e", "plain", true, &[]),
        big_segment("e", "big", 1, 0),
        big_segment("e", "other", 1, 0),
    ]);
    Site::with(writes)
}

fn stream(lists: &Arc<Lists>, context: &str) -> ClientStream {
    let form = Form { reasons: true, ..FORM };
    let stream = ClientStream::new(Audience::Mobile, form, false, context.as_bytes()).unwrap();
    stream.asking(Some(Arc::clone(lists) as Arc<dyn Members>))
}

/// What can be had now.
fn drain(stream: &mut ClientStream, snapshot: &Arc<EnvSnapshot>) -> String {
    let mut out = Vec::new();
    let mut task = Task::from_waker(Waker::noop());
    loop {
        match stream.poll_ready(snapshot, &mut task).map(|()| stream.next(snapshot)) {
            Poll::Ready(Next::Send(bytes)) => out.extend_from_slice(&bytes),
            Poll::Ready(Next::Again) => {}
            Poll::Ready(Next::End) => {
                out.extend_from_slice(b"END");
                break;
            }
            Poll::Ready(Next::Wait) | Poll::Pending => break,
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn streams_tell_who_becomes_a_member_and_nobody_else() {
    let (mut site, lists) = (site(), Lists::of(&[]));
    let (mut member, mut stranger) = (stream(&lists, MEMBER), stream(&lists, STRANGER));
    let put = drain(&mut member, &site.snapshot());
    assert!(put.contains("\"reason\":{\"kind\":\"FALLTHROUGH\",\"bigSegmentsStatus\":\"HEALTHY\"}"), "{put}");
    assert_eq!(put.matches("bigSegmentsStatus").count(), 2, "the flag, and what requires it: {put}");
    drain(&mut stranger, &site.snapshot());
    assert_eq!(lists.asked(), 2);
    lists.add("big", "0");
    site.commit(vec![big_segment("e", "big", 1, 1)]);
    let told = drain(&mut member, &site.snapshot());
    assert!(told.contains("\"kind\":\"RULE_MATCH\"") && told.contains("\"key\":\"vip\""), "{told}");
    assert_eq!(drain(&mut stranger, &site.snapshot()), "");
    assert_eq!(lists.asked(), 2);
    // Nothing that members can differ in: nobody asks again, and nobody forgets.
    site.commit(vec![config("e", "plain", false, &[])]);
    let told = drain(&mut member, &site.snapshot());
    assert!(told.contains("\"key\":\"plain\"") && told.matches("event: ").count() == 1, "{told}");
    assert_eq!(lists.asked(), 0);
    // A list that begins anew.
    site.commit(vec![big_segment("e", "big", 2, 2)]);
    assert!(drain(&mut member, &site.snapshot()).contains("\"key\":\"vip\""));
    // A segment that nothing asks changes no result.
    site.commit(vec![big_segment("e", "other", 1, 1)]);
    assert_eq!(drain(&mut member, &site.snapshot()), "");
}

#[test]
fn a_stream_waits_for_the_answer_and_then_catches_up() {
    let (mut site, lists) = (site(), Lists::of(&[]));
    let mut member = stream(&lists, MEMBER);
    drain(&mut member, &site.snapshot());
    let all = lists.gate.forget_permits(Semaphore::MAX_PERMITS);
    lists.add("big", "0");
    site.commit(vec![big_segment("e", "big", 1, 1)]);
    assert_eq!(drain(&mut member, &site.snapshot()), "");
    // What happens meanwhile is told after it.
    site.commit(vec![config("e", "plain", false, &[])]);
    assert_eq!(drain(&mut member, &site.snapshot()), "");
    lists.gate.add_permits(all);
    let told = drain(&mut member, &site.snapshot());
    let (vip, plain) = (told.find("\"key\":\"vip\"").unwrap(), told.find("\"key\":\"plain\"").unwrap());
    assert!(vip < plain, "{told}");
}

#[test]
fn a_fault_is_told_once_and_takes_nothing_back() {
    let (mut site, lists) = (site(), Lists::of(&[("big", "0")]));
    let mut member = stream(&lists, MEMBER);
    drain(&mut member, &site.snapshot());
    *lists.fails.lock().unwrap() = true;
    let mut late = stream(&lists, MEMBER);
    assert!(drain(&mut late, &site.snapshot()).contains("STORE_ERROR"));
    site.commit(vec![big_segment("e", "big", 1, 1)]);
    assert_eq!(drain(&mut member, &site.snapshot()), "END", "it comes back and is told what is known then");
    assert_eq!(drain(&mut late, &site.snapshot()), "");
    *lists.fails.lock().unwrap() = false;
    site.commit(vec![config("e", "plain", false, &[])]);
    let told = drain(&mut late, &site.snapshot());
    assert!(told.starts_with("event: put\n") && told.contains("RULE_MATCH"), "{told}");
}

#[tokio::test]
async fn states_and_tags_are_of_what_is_known() {
    let (site, lists) = (site(), Lists::of(&[]));
    let snapshot = site.snapshot();
    let context = Context::from_json(MEMBER.as_bytes()).unwrap();
    let members: Arc<dyn Members> = Arc::clone(&lists) as _;
    let before = ask(Some(&members), &snapshot, &context).unwrap().await;
    lists.add("big", "0");
    let after = ask(Some(&members), &snapshot, &context).unwrap().await;
    let tag = |known| snapshot.clients(Audience::Mobile).etag(MEMBER.as_bytes(), FORM, known);
    assert_ne!(tag(Some(&before)), tag(Some(&after)));
    let poll = |known| ClientPoll::new(Seen::new(&snapshot, known), Audience::Mobile, FORM, MEMBER.as_bytes());
    let state = poll(Some(&before)).state();
    let intent = |known| {
        let body: Value = serde_json::from_slice(&poll(known).body(&context, Some(&state))).unwrap();
        body["events"][0]["data"]["payloads"][0]["intentCode"].as_str().unwrap().to_owned()
    };
    assert_eq!((intent(Some(&before)), intent(Some(&after))), ("none".to_owned(), "xfer-full".to_owned()));
    // Nobody is asked about kinds that the context has not, or where there is nobody to ask.
    let org = Context::from_json(br#"{"kind":"org","key":"0"}"#).unwrap();
    assert!(ask(None, &snapshot, &org).is_none());
    let body = snapshot.clients(Audience::Mobile).evaluate(
        &Seen::new(&snapshot, None),
        &context,
        Form { reasons: true, ..FORM },
    );
    assert!(String::from_utf8(body).unwrap().contains("NOT_CONFIGURED"));
}

#[tokio::test]
async fn a_mirror_tells_of_members_that_changed_elsewhere() {
    let live = wigwag_live::Live::new(wigwag_model::clock::Clock::system());
    let mut mirror = wigwag_live::Mirror::new(live, 10);
    let name = ("p".into(), "e".into());
    let settings = wigwag_live::Settings { id: "id-e".into(), ..Default::default() };
    mirror.settle(name.clone(), settings);
    let of = site().snapshot();
    let items = |kind, json: Vec<(Box<str>, bytes::Bytes)>| {
        json.into_iter().map(move |(key, json)| MirrorItem { kind, key, version: 1, json: Some(json) })
    };
    let flags = of.flags().iter().map(|item| (item.key().into(), item.json().clone())).collect();
    let segments = of.segments().iter().map(|item| (item.key().into(), item.json().clone())).collect();
    let all = items(wigwag_live::MirrorKind::Flag, flags).chain(items(wigwag_live::MirrorKind::Segment, segments));
    mirror.put(&name, all.collect());
    let lists = Lists::of(&[]);
    let mut member = stream(&lists, MEMBER);
    drain(&mut member, &mirror.snapshot(&name).unwrap());
    let server = mirror.snapshot(&name).unwrap();
    lists.add("big", "0");
    mirror.members_changed(&name, ["other".into()]);
    assert_eq!(mirror.snapshot(&name).unwrap().seq(), server.seq(), "nothing asks it");
    mirror.members_changed(&name, ["big".into()]);
    let newest = mirror.snapshot(&name).unwrap();
    assert!(drain(&mut member, &newest).contains("\"key\":\"vip\""));
    // Streams of rules have nothing to tell.
    let update = newest.tail().after(server.seq()).unwrap();
    assert!(update.all_events().is_empty() && update.ops().is_empty());
    assert_eq!(newest.state().rsplit(':').next(), server.state().rsplit(':').next());
}
