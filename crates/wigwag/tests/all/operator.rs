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

/// A new key for everything that is sealed; SDKs get in as before, and the old key is not needed any more.
#[tokio::test]
async fn secrets_are_sealed_anew() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let key_file = dir.path().join("secret.key");
    let stop = |server: Process| {
        server.signal(Signal::TERM);
        assert_eq!(server.end().0, Some(0));
    };
    let server = Process::start(&["--data-dir", data], &[]);
    let (sdk_key, token) = (server.told("SDK key"), server.told("access token"));
    stop(server);
    let status = printed(&["secrets", "status", "--data-dir", data]);
    assert!(status.contains("seals   environment 4") && status.contains("sealed everything"), "{status}");

    let old = std::fs::read_to_string(&key_file).unwrap();
    std::fs::write(&key_file, format!("{}\n{old}", "ab".repeat(32))).unwrap();
    let status = printed(&["secrets", "status", "--data-dir", data]);
    assert!(status.contains("opens   environment 4") && status.contains("rotate is needed"), "{status}");
    // Servers run with both.
    let server = Process::start(&["--data-dir", data], &[]);
    server.client(&sdk_key).get("/sdk/latest-all").await.expect(200);
    stop(server);
    let told = printed(&["secrets", "rotate", "--data-dir", data]);
    assert!(told.starts_with("2 documents") && told.contains("sealed everything"), "{told}");

    std::fs::write(&key_file, "ab".repeat(32)).unwrap();
    let server = Process::start(&["--data-dir", data], &[]);
    server.client(&sdk_key).get("/sdk/latest-all").await.expect(200);
    let project = "/api/v2/projects/default?expand=environments";
    let shown = server.client(&token).get(project).await.expect(200).json();
    assert!(shown.to_string().contains(&sdk_key));
    stop(server);
    let exported = printed(&["audit", "export", "--data-dir", data]);
    assert!(!exported.contains(&sdk_key) && exported.contains("sealed secrets anew"), "{exported}");
    assert!(printed(&["audit", "verify", "--data-dir", data]).starts_with("intact"));

    std::fs::write(&key_file, "cd".repeat(32)).unwrap();
    let lost = output(&["secrets", "rotate", "--data-dir", data], &[]);
    assert_eq!(lost.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&lost.stderr).contains("MISSING"), "{lost:?}");
}
