//! Open streams, how changes reach them, and events as they come.

use std::sync::Arc;

use futures_util::StreamExt as _;
use http::{Extensions, Request};
use parking_lot::Mutex;
use serde_json::{Value, json};
use wigwag_api::insight::{ElsewhereOpen, EventTail, OpenStream, Pieces, StreamKind, Streams};
use wigwag_kit::Body;
use wigwag_model::tail::{Heard, Wanted};
use wigwag_store::Store;

use crate::support::{House, NOW, OWNER, on_both_engines};

on_both_engines! {
    /// The list of streams, its filters and pages.
    streams_are_listed;
    /// The tail says what was heard and what was not.
    events_are_told;
    /// Whoever may not see a project learns nothing of its SDKs.
    hidden_projects_are_hidden;
    /// A process that serves no SDKs has no streams and hears nothing.
    nothing_is_served_here;
}

const TEST: &str = "/api/v2/projects/default/environments/test";

struct Two(String);

fn stream(id: u64, kind: StreamKind, sdk: &str) -> OpenStream {
    OpenStream {
        id,
        kind,
        sdk: sdk.into(),
        sdk_version: "1.2".into(),
        application: "shop".into(),
        application_version: "".into(),
        instance: "i-1".into(),
        opened: NOW - 100,
        sent: 5,
        sent_at: NOW - 50,
    }
}

impl Streams for Two {
    fn elsewhere(&self, env: &str) -> Vec<ElsewhereOpen> {
        let streams = if env.is_empty() { 0 } else { 7 };
        vec![ElsewhereOpen { node: "three".into(), streams, sequence: 5, seen_ago: 20 }]
    }

    fn node(&self) -> &'static str {
        "node-1"
    }

    fn of(&self, env: &str) -> Vec<OpenStream> {
        if env != self.0 {
            return Vec::new();
        }
        vec![stream(1, StreamKind::Server, "GoClient"), stream(2, StreamKind::Client, "JSClient")]
    }
}

/// Says the same to everybody, and remembers what was wanted.
#[derive(Default)]
struct Says(Mutex<Vec<Wanted>>);

impl EventTail for Says {
    fn listen(&self, _env: &str, wanted: Wanted) -> Option<Pieces> {
        let mut all = self.0.lock();
        all.push(wanted);
        let heard = vec![
            Heard { events: vec!["{\"at\":1}".into(), "{\"at\":2}".into()], ..Heard::default() },
            Heard { events: Vec::new(), left_out: 3, lost: 4 },
        ];
        (all.len() < 3).then(|| futures_util::stream::iter(heard).boxed())
    }
}

async fn house(store: Store) -> (House, Arc<Says>) {
    // The id of the environment is the same in every house.
    let id = House::open(Store::temporary().await.unwrap()).await.get(TEST).await.ok()["_id"].as_str().unwrap().into();
    let says = Arc::new(Says::default());
    let mut extensions = Extensions::new();
    extensions.insert(Arc::new(Two(id)) as Arc<dyn Streams>);
    extensions.insert(Arc::clone(&says) as Arc<dyn EventTail>);
    (House::extended(store, extensions).await, says)
}

async fn streams_are_listed(store: Store) {
    let (house, _) = house(store).await;
    let list = house.get(&format!("{TEST}/streams")).await.ok();
    assert_eq!((&list["node"], &list["totalCount"], &list["behind"]), (&json!("node-1"), &json!(2), &json!(0)));
    let first = json!({
        "id": 1, "kind": "server", "sdk": "GoClient", "sdkVersion": "1.2", "application": "shop",
        "applicationVersion": "", "instanceId": "i-1", "openedAt": NOW - 100, "sentVersion": 5, "sentAt": NOW - 50,
        "lag": 0,
    });
    assert_eq!(list["items"][0], first);
    for (query, ids) in [
        ("kind=client", vec![2]),
        ("sdk=GoClient", vec![1]),
        ("application=shop", vec![1, 2]),
        ("application=other", vec![]),
        ("behind=true", vec![]),
        ("limit=1&offset=1", vec![2]),
    ] {
        let list = house.get(&format!("{TEST}/streams?{query}")).await.ok();
        let found: Vec<_> = list["items"].as_array().unwrap().iter().map(|i| i["id"].as_i64().unwrap()).collect();
        assert_eq!(found, ids, "{query}");
    }
    let other = house.get("/api/v2/projects/default/environments/production/streams").await.ok();
    assert_eq!(other["totalCount"], 0);
    for bad in ["kind=toaster", "behind=perhaps", "limit=1001"] {
        house.get(&format!("{TEST}/streams?{bad}")).await.refused(400, "invalid_request");
    }
    house.get(&format!("{TEST}/streams/changes?limit=51")).await.refused(400, "invalid_request");
}

async fn tail(house: &House, by: &str, query: &str) -> (u16, Option<wigwag_kit::body::Pieces>) {
    let request = Request::get(format!("{TEST}/events/tail?{query}")).header("authorization", by);
    let answer = house.server.serve(request.body(Body::from(bytes::Bytes::new())).unwrap()).await;
    let status = answer.status().as_u16();
    match answer.into_body() {
        Body::Pieces(pieces) => (status, Some(pieces)),
        Body::Whole(_) => (status, None),
    }
}

async fn events_are_told(store: Store) {
    let (house, says) = house(store).await;
    let (status, pieces) = tail(&house, OWNER, "kind=debug,feature&flag=lamp&contextKind=user&rate=7").await;
    assert_eq!(status, 200);
    let told: Vec<_> = pieces.unwrap().map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap()).collect().await;
    assert_eq!(
        told,
        [
            "retry: 1000\nevent: begin\ndata: {\"node\":\"node-1\",\"rate\":7}\n\n",
            "data: {\"at\":1}\n\ndata: {\"at\":2}\n\n",
            "event: missed\ndata: {\"leftOut\":3,\"lost\":4}\n\n",
        ]
    );
    let wanted = Wanted {
        kinds: vec!["debug".to_owned(), "feature".to_owned()],
        flag: Some("lamp".to_owned()),
        context_kind: Some("user".to_owned()),
        context_key: None,
        rate: 7,
    };
    assert_eq!(says.0.lock().remove(0), wanted);
    tail(&house, OWNER, "").await;
    assert_eq!(*says.0.lock(), [Wanted { rate: 20, ..Wanted::default() }]);
    for (bad, field) in [("kind=no", "kind"), ("rate=0", "rate"), ("rate=101", "rate"), ("rate=x", "rate")] {
        let message = house.get(&format!("{TEST}/events/tail?{bad}")).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{message}");
    }
    // Too many listen.
    tail(&house, OWNER, "").await;
    let answer = house.get(&format!("{TEST}/events/tail")).await;
    assert_eq!(answer.status(), 503, "{}", answer.text());
}

async fn hidden_projects_are_hidden(store: Store) {
    let (house, says) = house(store).await;
    let powerless = house.powerless().await;
    for path in ["streams", "streams/changes", "events/tail"] {
        let line = format!("GET {TEST}/{path}");
        house.raw(&line, &[("authorization", &powerless)], "").await.refused(403, "forbidden");
    }
    assert!(says.0.lock().is_empty());
}

async fn nothing_is_served_here(store: Store) {
    let house = House::open(store).await;
    for path in ["streams", "streams/changes"] {
        let list: Value = house.get(&format!("{TEST}/{path}")).await.ok();
        assert_eq!((&list["totalCount"], &list["items"]), (&json!(0), &json!([])));
    }
    let (status, mut pieces) = tail(&house, OWNER, "").await;
    assert_eq!(status, 200);
    let first = pieces.as_mut().unwrap().next().await.unwrap().unwrap();
    assert!(first.starts_with(b"retry: 1000\nevent: begin\n"));
}
