//! Backup beside a running server, restore, moves between engines and back: with the binary, as an operator has it.

use std::path::Path;

use rustix::process::Signal;
use serde_json::json;
use wigwag_store::testing;

use crate::process::{Process, output};

fn printed(arguments: &[&str]) -> String {
    let done = output(arguments, &[]);
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let done = output(arguments, &[]);
    assert_eq!(done.status.code(), Some(1), "{arguments:?}: {done:?}");
    String::from_utf8(done.stderr).unwrap()
}

fn stop(server: Process) {
    server.signal(Signal::TERM);
    assert_eq!(server.end().0, Some(0));
}

/// What `wigwag audit verify` says of a database: intact, and its newest change.
fn verified(place: [&str; 2]) -> String {
    let said = printed(&[&["audit", "verify"][..], &place[..]].concat());
    said.trim().strip_prefix("intact: ").expect("intact").to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_and_back() {
    let home = tempfile::tempdir().unwrap();
    let (data, saved) = (home.path().join("data"), home.path().join("saved"));
    let server = Process::start(&["--data-dir", text(&data)], &[]);
    let (sdk_key, token) = (server.told("SDK key"), server.told("access token"));
    let flag = json!({"key": "lamp", "name": "Lamp"});
    server.client(&token).post("/api/v2/flags/default", &flag).await.expect(201);
    let said = printed(&["backup", "--output", text(&saved), "--with-keys", "--data-dir", text(&data)]);
    assert!(said.contains("change ") && said.contains("keep those secrets"), "{said}");
    assert!(printed(&["restore", "--check", "--from", text(&saved)]).contains("can be restored"));
    // What comes after the backup is not in it.
    let flag = json!({"key": "later", "name": "Later"});
    server.client(&token).post("/api/v2/flags/default", &flag).await.expect(201);
    let plain = home.path().join("plain");
    let said = printed(&["backup", "--output", text(&plain), "--data-dir", text(&data)]);
    assert!(said.contains("secret.key apart from it") && !plain.join("secret.key").exists(), "{said}");
    assert!(refused(&["restore", "--from", text(&saved), "--data-dir", text(&data)]).contains("is not empty"));
    stop(server);

    let other = home.path().join("other");
    let said = printed(&["restore", "--from", text(&saved), "--data-dir", text(&other)]);
    assert!(said.contains("wigwag serve"), "{said}");
    let server = Process::start(&["--data-dir", text(&other)], &[]);
    let polled = server.client(&sdk_key).get("/sdk/latest-all").await.expect(200).json();
    assert!(polled["flags"]["lamp"].is_object() && polled["flags"]["later"].is_null(), "{polled}");
    stop(server);

    let database = testing::database().await.unwrap();
    let url = database.url.as_str();
    let said = printed(&["copy", "--from", text(&data), "--to", url]);
    assert!(said.contains("secret.key"), "{said}");
    let head = verified(["--data-dir", text(&data)]);
    assert_eq!(verified(["--database-url", url]), head);
    let key_file = data.join("secret.key");
    let server = Process::start(&["--database-url", url, "--secret-key-file", text(&key_file)], &[]);
    let polled = server.client(&sdk_key).get("/sdk/latest-all").await.expect(200).json();
    assert!(polled["flags"]["later"].is_object(), "{polled}");
    let back = home.path().join("back");
    let busy = refused(&["copy", "--from", url, "--to", text(&back)]);
    assert!(busy.contains("running servers") && !busy.contains("password"), "{busy}");
    server.client(&token).get("/api/v2/flags/default/later").await.expect(200);
    stop(server);

    printed(&["copy", "--from", url, "--to", text(&back)]);
    assert_eq!(verified(["--data-dir", text(&back)]), verified(["--database-url", url]));
    std::fs::copy(&key_file, back.join("secret.key")).unwrap();
    let server = Process::start(&["--data-dir", text(&back)], &[]);
    server.client(&sdk_key).get("/sdk/latest-all").await.expect(200);
    let busy = refused(&["compact", "--data-dir", text(&back)]);
    assert!(busy.contains("stop it first"), "{busy}");
    stop(server);
    assert!(printed(&["compact", "--data-dir", text(&back)]).contains("MB now"));
    assert!(verified(["--data-dir", text(&back)]).starts_with(head.split(':').next().unwrap()));
}

#[test]
fn what_cannot_be_done_is_told() {
    let home = tempfile::tempdir().unwrap();
    let (none, to) = (home.path().join("none"), home.path().join("to"));
    let said = refused(&["backup", "--output", text(&to), "--data-dir", text(&none)]);
    assert!(said.contains("there is no database at") && !to.exists() && !none.exists(), "{said}");
    assert!(refused(&["restore", "--from", text(&none), "--data-dir", text(&to)]).contains("there is no backup in"));
    assert!(refused(&["restore", "--check", "--from", text(&none)]).contains("there is no backup in"));
    assert!(refused(&["copy", "--from", text(&none), "--to", text(&to)]).contains("there is no database at"));
    assert!(refused(&["copy", "--from", text(&to), "--to", text(&to)]).contains("are the same"));
    assert!(refused(&["compact", "--data-dir", text(&none)]).contains("there is no database at"));
    assert!(!to.exists());
}
