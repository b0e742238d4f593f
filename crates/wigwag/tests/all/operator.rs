//! Who runs the server and is locked out of it.

use rustix::process::Signal;
use serde_json::json;

use crate::process::{Process, output};

const EMAIL: &str = "ann@example.com";

fn printed(arguments: &[&str]) -> String {
    let done = output(arguments, &[]);
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[tokio::test]
async fn back_in() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let server = Process::start(&["--data-dir", data], &[("WIGWAG_INIT_OWNER_EMAIL", EMAIL)]);
    let busy = output(&["sessions", "list", "--data-dir", data], &[]);
    assert!(String::from_utf8_lossy(&busy.stderr).contains("stop it first"), "{busy:?}");
    let session = json!({"email": EMAIL, "password": server.told("password")});
    server.client("").post("/internal/session", &session).await.expect(200);
    server.signal(Signal::TERM);
    assert_eq!(server.end().0, Some(0));

    let list = printed(&["sessions", "list", "--data-dir", data]);
    assert!(list.lines().count() == 1 && list.contains(EMAIL) && list.contains("127.0.0.1"), "{list}");
    assert_eq!(printed(&["sessions", "list", "--email", EMAIL, "--data-dir", data]), list);
    let told = printed(&["owner", "reset-password", "--data-dir", data]);
    let password = told.lines().find_map(|line| line.strip_prefix("password  ")).unwrap().to_owned();
    assert_eq!(printed(&["sessions", "list", "--data-dir", data]), "", "they ended");
    let token = printed(&["token", "issue", "--data-dir", data]);
    let told = printed(&["owner", "create", "--email", "bob@example.com", "--data-dir", data]);
    assert!(told.contains("bob@example.com"), "{told}");
    let nobody = output(&["owner", "reset-password", "--email", "x@example.com", "--data-dir", data], &[]);
    assert_eq!(nobody.status.code(), Some(1));

    let server = Process::start(&["--data-dir", data], &[]);
    let client = server.client(token.trim());
    let me = client.get("/api/v2/members/me").await.expect(200).json();
    assert_eq!((&me["email"], &me["role"]), (&json!(EMAIL), &json!("admin")), "somebody else owns it now");
    let session = json!({"email": EMAIL, "password": password});
    server.client("").post("/internal/session", &session).await.expect(200);
    let log = client.get("/api/v2/auditlog?limit=10").await.expect(200).json();
    let by = log["items"].as_array().unwrap().iter().filter(|e| e["title"].to_string().contains("operator")).count();
    assert!(by >= 4, "{log}");
    server.signal(Signal::TERM);
    assert_eq!(server.end().0, Some(0));
    assert_eq!(printed(&["sessions", "end", "--data-dir", data]), "1 ended\n");
}

#[test]
fn there_has_to_be_an_account() {
    let dir = tempfile::tempdir().unwrap();
    let done = output(&["token", "issue", "--data-dir", dir.path().to_str().unwrap()], &[]);
    assert!(String::from_utf8_lossy(&done.stderr).contains("wigwag serve once"), "{done:?}");
}
