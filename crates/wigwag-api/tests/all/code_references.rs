//! Code references: behaviour.md 19.

use std::io::Write as _;

use bytes::Bytes;
use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{Answer, House, OWNER, on_both_engines};

on_both_engines! {
    repositories;
    repositories_are_patched_both_ways;
    repositories_are_refused;
    branches;
    uploads_write_what_changed;
    uploads_are_ordered_by_their_number;
    uploads_are_refused;
    uploads_are_unpacked;
    references_of_hidden_projects;
    branches_are_deleted_with_what_hangs_on_them;
    extinctions;
    statistics;
}

const REPOSITORIES: &str = "/api/v2/code-refs/repositories";
const EXTINCTIONS: &str = "/api/v2/code-refs/extinctions";
const STATISTICS: &str = "/api/v2/code-refs/statistics";

async fn repository(house: &House, name: &str) -> Value {
    let answer = house.post(REPOSITORIES, json!({"name": name})).await;
    assert_eq!(answer.status(), 200, "the contract has 200 here");
    answer.ok()
}

fn hunk(line: i64, flag: &str) -> Value {
    json!({"startingLineNumber": line, "lines": format!("if {flag}"), "projKey": "default", "flagKey": flag,
           "aliases": [flag.to_uppercase()]})
}

fn file(path: &str, hunks: &[Value]) -> Value {
    json!({"path": path, "hint": "rust", "hunks": hunks})
}

fn branch(name: &str, references: &[Value]) -> Value {
    json!({"name": name, "head": "5f1e", "syncTime": 5, "commitTime": 4, "references": references})
}

async fn put(house: &House, repository: &str, body: &Value) -> Answer {
    let name = body["name"].as_str().unwrap().replace('/', "%2F").replace(' ', "%20");
    house.send(&format!("PUT {REPOSITORIES}/{repository}/branches/{name}"), Some(body)).await
}

async fn repositories(store: Store) {
    let house = House::open(store).await;
    let made = repository(&house, "Wigwag").await;
    let href = format!("{REPOSITORIES}/Wigwag");
    let link = |href: &str| json!({"href": href, "type": "application/json"});
    assert_eq!(
        made,
        json!({"name": "Wigwag", "type": "custom", "defaultBranch": "main", "enabled": true, "version": 1, "_links":
            {"self": link(&href), "parent": link(REPOSITORIES), "branches": link(&format!("{href}/branches"))}})
    );
    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["name"]), (&json!("code-reference-repository"), &json!("Wigwag")));
    assert_eq!(entry["titleVerb"], "created the repository");
    let access = json!([{"action": "createCodeRefsRepository", "resource": "code-reference-repository/Wigwag"}]);
    assert_eq!(entry["accesses"], access);
    // Names are the same in whatever case.
    assert_eq!(house.get(&format!("{REPOSITORIES}/wIGWAG")).await.ok(), made);
    let twice = house.post(REPOSITORIES, json!({"name": "wigwag"})).await.refused(409, "conflict");
    assert_eq!(twice, "A repository with that name already exists");
    repository(&house, "other").await;
    let list = house.get(REPOSITORIES).await.ok();
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!((names, &list["totalCount"]), (vec!["Wigwag", "other"], &json!(2)));
    assert_eq!(house.delete(&href).await.status(), 204);
    assert_eq!(house.newest().await["titleVerb"], "deleted the repository");
    house.get(&href).await.refused(404, "not_found");
    house.delete(&href).await.refused(404, "not_found");
}

async fn repositories_are_patched_both_ways(store: Store) {
    let house = House::open(store).await;
    repository(&house, "Wigwag").await;
    let href = format!("{REPOSITORIES}/Wigwag");
    put(&house, "Wigwag", &branch("main", &[])).await.ok();
    // As the finder does it: what differs, as a plain object.
    let merged = json!({"sourceLink": "https://example.com", "type": "gitlab", "hunkUrlTemplate": "h/${sha}"});
    let rep = house.patch(&href, merged).await.ok();
    assert_eq!(
        (&rep["sourceLink"], &rep["type"], &rep["version"]),
        (&json!("https://example.com"), &json!("gitlab"), &json!(2))
    );
    let action = |entry: &Value| entry["accesses"][0]["action"].as_str().unwrap().to_owned();
    assert_eq!(action(&house.newest().await), "updateCodeRefsRepositoryConfiguration");
    let operations = json!([{"op": "replace", "path": "/enabled", "value": false}]);
    assert_eq!(house.patch(&href, operations).await.ok()["enabled"], false);
    let entry = house.newest().await;
    assert_eq!(
        (action(&entry).as_str(), &entry["titleVerb"]),
        ("updateCodeRefsRepositoryOn", &json!("updated the repository"))
    );
    assert!(entry["description"].as_str().unwrap().contains("enabled"), "{entry}");
    // An empty address is none.
    assert!(house.patch(&href, json!({"sourceLink": ""})).await.ok()["sourceLink"].is_null());
    let head = house.head().await;
    assert_eq!(house.patch(&href, json!({"enabled": false, "version": 9})).await.ok()["version"], 4);
    assert_eq!(house.head().await, head, "nothing changed");
    // Branches stay with a repository that is renamed.
    let renamed = house.patch(&href, json!({"name": "wig"})).await.ok();
    assert_eq!(renamed["_links"]["self"]["href"], format!("{REPOSITORIES}/wig"));
    assert_eq!(action(&house.newest().await), "updateCodeRefsRepositoryName");
    house.get(&href).await.refused(404, "not_found");
    assert_eq!(house.get(&format!("{REPOSITORIES}/wig/branches")).await.ok()["totalCount"], 1);
    repository(&house, "Wigwag").await;
    house.patch(&href, json!({"name": "WIG"})).await.refused(409, "conflict");
}

async fn repositories_are_refused(store: Store) {
    let house = House::open(store).await;
    repository(&house, "r").await;
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": "a b"}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "x", "type": "svn"}), "type"),
        (json!({"name": "x", "defaultBranch": "a\nb"}), "defaultBranch"),
        (json!({"name": "x", "sourceLink": "x".repeat(2_049)}), "sourceLink"),
    ] {
        let message = house.post(REPOSITORIES, body.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{body}: {message}");
    }
    let message =
        house.patch(&format!("{REPOSITORIES}/r"), json!({"name": "a b"})).await.refused(400, "invalid_request");
    assert!(message.starts_with("name"), "{message}");
    let reader = house.post("/api/v2/tokens", json!({"name": "r", "role": "reader"})).await.ok();
    let headers = [("authorization", reader["token"].as_str().unwrap())];
    for (line, body) in [
        (format!("POST {REPOSITORIES}"), r#"{"name": "x"}"#),
        (format!("PATCH {REPOSITORIES}/r"), r#"{"enabled": false}"#),
        (format!("DELETE {REPOSITORIES}/r"), ""),
        (format!("POST {REPOSITORIES}/r/branch-delete-tasks"), "[]"),
        (format!("PUT {REPOSITORIES}/r/branches/b"), r#"{"name": "b", "head": "h", "syncTime": 1}"#),
        (format!("POST {REPOSITORIES}/r/branches/b/extinction-events"), "[]"),
    ] {
        house.raw(&line, &headers, body).await.refused(403, "forbidden");
    }
    assert_eq!(house.raw(&format!("GET {REPOSITORIES}/r"), &headers, "").await.status(), 200);
}

async fn branches(store: Store) {
    let house = House::open(store).await;
    repository(&house, "r").await;
    let found = [file("b.rs", &[hunk(7, "two"), hunk(2, "one")]), file("a.rs", &[hunk(9, "one")])];
    put(&house, "r", &branch("feature/a b", &found)).await.ok();
    put(&house, "r", &branch("main", &found[..1])).await.ok();
    let href = format!("{REPOSITORIES}/r/branches/feature%2Fa%20b");
    let whole = house.get(&href).await.ok();
    assert_eq!(whole["_links"]["self"]["href"], href);
    assert_eq!(
        (&whole["name"], &whole["head"], &whole["syncTime"]),
        (&json!("feature/a b"), &json!("5f1e"), &json!(5))
    );
    // By path and line, with all that was sent.
    let sorted = json!([file("a.rs", &[hunk(9, "one")]), file("b.rs", &[hunk(2, "one"), hunk(7, "two")])]);
    assert_eq!(whole["references"], sorted);
    assert_eq!(
        house.get(&format!("{href}?flagKey=two")).await.ok()["references"],
        json!([file("b.rs", &[hunk(7, "two")])])
    );
    assert_eq!(house.get(&format!("{href}?projKey=other")).await.ok()["references"], json!([]));
    let list = house.get(&format!("{REPOSITORIES}/r/branches")).await.ok();
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|b| b["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["feature/a b", "main"]);
    assert!(list["items"][0]["references"].is_null(), "{list}");
    house.get(&format!("{REPOSITORIES}/r/branches/none")).await.refused(404, "not_found");

    let plain = house.get(REPOSITORIES).await.ok();
    assert!(plain["items"][0]["branches"].is_null());
    let with = house.get(&format!("{REPOSITORIES}?withBranches=1")).await.ok();
    assert_eq!(with["items"][0]["branches"].as_array().unwrap().len(), 2);
    assert!(with["items"][0]["branches"][1]["references"].is_null());
    let with = house.get(&format!("{REPOSITORIES}?withReferencesForDefaultBranch=1&projKey=default&flagKey=two")).await;
    let shown = &with.ok()["items"][0]["branches"];
    assert!(shown[0]["references"].is_null(), "not the default branch");
    assert_eq!(shown[1]["references"], json!([file("b.rs", &[hunk(7, "two")])]));
}

async fn uploads_write_what_changed(store: Store) {
    let house = House::open(store).await;
    repository(&house, "r").await;
    let one = |line| file("a.rs", &[hunk(line, "one")]);
    let others = [file("b.rs", &[hunk(1, "two"), hunk(4, "three")])];
    put(&house, "r", &branch("main", &[vec![one(1)], others.to_vec()].concat())).await.ok();
    let text = house.newest().await["description"].as_str().unwrap().to_owned();
    assert!(text.contains("`main`: references to 3 flags added, 0 changed, 0 removed"), "{text}");
    let written = async || {
        let (head, before) = (house.head().await, house.head().await - 1);
        let rows = house.store.feed(before, 10).await.unwrap();
        assert_eq!((rows.len(), rows[0].seq), (1, head));
        rows[0].docs.iter().map(|doc| doc.key.kind.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(written().await.len(), 4);
    // The same in another order: the branch was searched again, nothing else is written.
    put(&house, "r", &branch("main", &[others.to_vec(), vec![one(1)]].concat())).await.ok();
    assert_eq!(written().await, ["code-branch"]);
    // One flag moved, one went.
    put(&house, "r", &branch("main", &[one(2), file("b.rs", &[hunk(1, "two")])])).await.ok();
    assert_eq!(written().await, ["code-branch", "code-references", "code-references"]);
    let text = house.newest().await["description"].as_str().unwrap().to_owned();
    assert!(text.contains("0 flags added, 1 changed, 1 removed"), "{text}");
    let shown = house.get(&format!("{REPOSITORIES}/r/branches/main")).await.ok();
    assert_eq!(shown["references"], json!([one(2), file("b.rs", &[hunk(1, "two")])]));
    // No references at all.
    put(&house, "r", &json!({"name": "main", "head": "h", "syncTime": 6})).await.ok();
    assert_eq!(house.get(&format!("{REPOSITORIES}/r/branches/main")).await.ok()["references"], json!([]));
}

async fn uploads_are_ordered_by_their_number(store: Store) {
    let house = House::open(store).await;
    repository(&house, "r").await;
    let upload = async |sequence: Option<i64>, head: &str| {
        let mut body = json!({"name": "main", "head": head, "syncTime": 1});
        if let Some(sequence) = sequence {
            body["updateSequenceId"] = sequence.into();
        }
        put(&house, "r", &body).await
    };
    let head = async || house.get(&format!("{REPOSITORIES}/r/branches/main")).await.ok();
    upload(Some(5), "a").await.ok();
    for stale in [4, 5] {
        let message = upload(Some(stale), "b").await.refused(409, "updateSequenceId_conflict");
        assert!(message.contains(&stale.to_string()), "{message}");
    }
    assert_eq!(head().await["head"], "a");
    upload(Some(6), "c").await.ok();
    assert_eq!((&head().await["head"], &head().await["updateSequenceId"]), (&json!("c"), &json!(6)));
    // Without a number it always counts, and lets no older one in.
    upload(None, "d").await.ok();
    assert_eq!(head().await["head"], "d");
    upload(Some(6), "e").await.refused(409, "updateSequenceId_conflict");
}

async fn uploads_are_refused(store: Store) {
    let house = House::open(store).await;
    repository(&house, "r").await;
    let head = house.head().await;
    let with = |hunk: Value| branch("main", &[json!({"path": "x", "hunks": [hunk]})]);
    let long = "b".repeat(401);
    for (body, field) in [
        (json!({"name": "main", "syncTime": 1}), "head"),
        (json!({"name": "main", "head": "h"}), "syncTime"),
        (json!({"name": "main", "head": "", "syncTime": 1}), "head"),
        (json!({"name": long, "head": "h", "syncTime": 1}), "name"),
        (with(json!({"startingLineNumber": 1, "projKey": "default"})), "references[0].hunks[0].flagKey"),
        (with(json!({"startingLineNumber": "1"})), "references[0].hunks[0].startingLineNumber"),
        (
            with(json!({"startingLineNumber": 1, "projKey": "default", "flagKey": "a b"})),
            "references[0].hunks[0].flagKey",
        ),
        (
            with(json!({"startingLineNumber": 1, "projKey": "none", "flagKey": "a"})),
            "projKey: Unknown project key none",
        ),
    ] {
        let message = put(&house, "r", &body).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{body}: {message}");
    }
    let other = house.send(&format!("PUT {REPOSITORIES}/r/branches/x"), Some(&branch("main", &[]))).await;
    assert!(other.refused(400, "invalid_request").starts_with("name"));
    put(&house, "none", &branch("main", &[])).await.refused(404, "not_found");
    assert_eq!(house.head().await, head);
    house.patch(&format!("{REPOSITORIES}/r"), json!({"enabled": false})).await.ok();
    put(&house, "r", &branch("main", &[])).await.refused(403, "forbidden");
}

async fn uploads_are_unpacked(store: Store) {
    let house = House::open(store).await;
    repository(&house, "r").await;
    let packed = |plain: &[u8]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(plain).unwrap();
        Bytes::from(gzip.finish().unwrap())
    };
    let line = format!("PUT {REPOSITORIES}/r/branches/main");
    let headers = [("authorization", OWNER), ("content-encoding", "gzip")];
    // More than the largest body of other operations, and than this one's once unpacked.
    let many: Vec<_> = (0..50_000).map(|n| hunk(n, "one")).collect();
    let body = branch("main", &[file("a.rs", &many)]).to_string();
    assert!(body.len() > 4 << 20);
    house.bytes(&line, &headers, packed(body.as_bytes())).await.ok();
    let statistics = house.get(&format!("{STATISTICS}/default")).await.ok();
    assert_eq!(statistics["flags"]["one"][0]["hunkCount"], 50_000);
    let bomb = packed(&vec![b' '; (128 << 20) + 1]);
    house.bytes(&line, &headers, bomb).await.refused(413, "request_entity_too_large");
    house.bytes(&line, &headers, Bytes::from_static(b"{}")).await.refused(400, "invalid_request");
    house
        .raw(&line, &[("authorization", OWNER), ("content-encoding", "br")], "x")
        .await
        .refused(400, "invalid_request");
}

async fn references_of_hidden_projects(store: Store) {
    let house = House::open(store).await;
    repository(&house, "r").await;
    house.post("/api/v2/projects", json!({"key": "secret", "name": "Secret"})).await.ok();
    let mut hidden = hunk(2, "one");
    hidden["projKey"] = "secret".into();
    put(&house, "r", &branch("main", &[file("a.rs", &[hunk(1, "one"), hidden])])).await.ok();
    let gone = json!([{"revision": "a", "message": "", "time": 1, "flagKey": "one", "projKey": "secret"}]);
    house.post(&format!("{REPOSITORIES}/r/branches/main/extinction-events"), gone).await.ok();
    let role = json!([
        {"effect": "allow", "resources": ["proj/*"], "actions": ["*"]},
        {"effect": "deny", "resources": ["proj/secret"], "actions": ["viewProject"]},
        {"effect": "allow", "resources": ["acct"], "actions": ["viewAccount"]},
    ]);
    let token = json!({"name": "t", "serviceToken": true, "inlineRole": role});
    let token = house.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned();
    let seen = async |path: &str| house.raw(&format!("GET {path}"), &[("authorization", &token)], "").await;
    let main = format!("{REPOSITORIES}/r/branches/main");
    assert_eq!(seen(&main).await.ok()["references"], json!([file("a.rs", &[hunk(1, "one")])]));
    assert_eq!(seen(EXTINCTIONS).await.ok()["items"], json!({}));
    assert_eq!(seen(STATISTICS).await.ok()["projects"].as_array().unwrap().len(), 1);
    seen(&format!("{STATISTICS}/secret")).await.refused(403, "forbidden");
    assert_eq!(house.get(STATISTICS).await.ok()["projects"].as_array().unwrap().len(), 2);
    // What hung on a project goes with it.
    house.delete("/api/v2/projects/secret").await.ok();
    assert_eq!(house.get(&main).await.ok()["references"], json!([file("a.rs", &[hunk(1, "one")])]));
    put(&house, "r", &branch("main", &[])).await.ok();
}

async fn branches_are_deleted_with_what_hangs_on_them(store: Store) {
    let house = House::open(store).await;
    repository(&house, "r").await;
    let tasks = format!("{REPOSITORIES}/r/branch-delete-tasks");
    for name in ["main", "a/b", "c"] {
        put(&house, "r", &branch(name, &[file("a.rs", &[hunk(1, "one")])])).await.ok();
    }
    let gone = json!([{"revision": "a", "message": "m", "time": 1, "flagKey": "one", "projKey": "default"}]);
    house.post(&format!("{REPOSITORIES}/r/branches/a%2Fb/extinction-events"), gone).await.ok();
    house.post(&tasks, json!(["a/b", "c", "none"])).await.ok();
    let entry = house.newest().await;
    assert_eq!(entry["description"], "* Deleted the branch `a/b`\n* Deleted the branch `c`\n");
    assert_eq!(entry["accesses"][0]["action"], "updateCodeRefsRepositoryBranches");
    assert_eq!(house.get(&format!("{REPOSITORIES}/r/branches")).await.ok()["totalCount"], 1);
    let head = house.head().await;
    house.post(&tasks, json!(["a/b"])).await.ok();
    assert_eq!(house.head().await, head, "there is nothing left to delete");
    // A branch of the same name starts afresh.
    put(&house, "r", &branch("a/b", &[])).await.ok();
    assert_eq!(house.get(&format!("{EXTINCTIONS}?branchName=a/b")).await.ok()["items"], json!({}));
    house.delete(&format!("{REPOSITORIES}/r")).await.ok();
    for kind in [wigwag_model::doc::Kind::CodeBranch, wigwag_model::doc::Kind::CodeReferences] {
        assert!(house.store.scan(kind, None, None).await.unwrap().is_empty());
    }
}

async fn extinctions(store: Store) {
    let house = House::open(store).await;
    for name in ["r", "s"] {
        repository(&house, name).await;
        put(&house, name, &branch("main", &[])).await.ok();
    }
    put(&house, "r", &branch("side", &[])).await.ok();
    let event = |revision: &str, time: i64, flag: &str| json!({"revision": revision, "message": "m", "time": time, "flagKey": flag, "projKey": "default"});
    let post = async |repository: &str, branch: &str, events: Value| {
        house.post(&format!("{REPOSITORIES}/{repository}/branches/{branch}/extinction-events"), events).await
    };
    post("r", "main", json!([event("a", 10, "one"), event("b", 20, "one")])).await.ok();
    post("s", "main", json!([event("c", 30, "two")])).await.ok();
    post("r", "side", json!([event("d", 40, "one")])).await.ok();
    let list = async |query: &str| house.get(&format!("{EXTINCTIONS}?{query}")).await.ok()["items"].clone();
    let all = json!({"one": [event("b", 20, "one"), event("a", 10, "one")], "two": [event("c", 30, "two")]});
    assert_eq!(list("").await, all);
    assert_eq!(list("repoName=S").await, json!({"two": all["two"]}));
    assert_eq!(list("branchName=side").await, json!({"one": [event("d", 40, "one")]}));
    assert_eq!(list("flagKey=two&projKey=default").await, json!({"two": all["two"]}));
    assert_eq!(list("projKey=other").await, json!({}));
    assert_eq!(list("from=15&to=20").await, json!({"one": [event("b", 20, "one")]}));
    for (query, field) in [("from=1", "from"), ("to=1", "to"), ("from=x&to=2", "from"), ("from=3&to=2", "from")] {
        let message = house.get(&format!("{EXTINCTIONS}?{query}")).await.refused(400, "invalid_request");
        assert!(message.starts_with(field), "{query}: {message}");
    }
    // Searches look back over the same commits again.
    let head = house.head().await;
    post("r", "main", json!([event("a", 10, "one")])).await.ok();
    assert_eq!(house.head().await, head);
    post("r", "none", json!([event("a", 10, "one")])).await.refused(404, "not_found");
    for (bad, field) in [
        (json!([{"revision": "a"}]), "[0]"),
        (json!([event("a", 1, "a b")]), "[0].flagKey"),
        (json!([event("", 1, "a")]), "[0].revision"),
        (json!([{"revision": "a", "message": "m", "time": 1, "flagKey": "a", "projKey": "none"}]), "[0].projKey"),
    ] {
        let message = post("r", "main", bad.clone()).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{bad}: {message}");
    }
}

async fn statistics(store: Store) {
    let house = House::open(store).await;
    assert_eq!(house.get(STATISTICS).await.ok()["projects"], json!([]));
    repository(&house, "r").await;
    house
        .post(REPOSITORIES, json!({"name": "s", "type": "github", "sourceLink": "l", "defaultBranch": "trunk"}))
        .await
        .ok();
    let found = [file("a.rs", &[hunk(1, "one"), hunk(5, "one")]), file("b.rs", &[hunk(1, "one"), hunk(2, "two")])];
    put(&house, "r", &branch("main", &found)).await.ok();
    put(&house, "s", &branch("trunk", &found[..1])).await.ok();
    put(&house, "s", &branch("main", &found)).await.ok();
    let root = house.get(STATISTICS).await.ok();
    let link = |href: &str| json!({"href": href, "type": "application/json"});
    assert_eq!(root, json!({"projects": [link(&format!("{STATISTICS}/default"))], "self": link(STATISTICS)}));
    let whole = house.get(&format!("{STATISTICS}/default")).await.ok();
    let one = |name: &str, host: &str, source: &str, branch: &str, hunks: u64, files: u64| {
        json!({"name": name, "type": host, "sourceLink": source, "defaultBranch": branch, "enabled": true, "version": 1,
            "hunkCount": hunks, "fileCount": files, "latestCommitTime": 4,
            "_links": {"self": link(&format!("{REPOSITORIES}/{name}"))}})
    };
    let of_one = json!([one("r", "custom", "", "main", 3, 2), one("s", "github", "l", "trunk", 2, 1)]);
    assert_eq!(whole["flags"], json!({"one": of_one, "two": [one("r", "custom", "", "main", 1, 1)]}));
    let narrowed = house.get(&format!("{STATISTICS}/default?flagKey=one")).await.ok();
    assert_eq!(narrowed["flags"], json!({"one": of_one}));
    assert_eq!(house.get(&format!("{STATISTICS}/default?flagKey=none")).await.ok()["flags"], json!({}));
    house.get(&format!("{STATISTICS}/none")).await.refused(404, "not_found");
}
