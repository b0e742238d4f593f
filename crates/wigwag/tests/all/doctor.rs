//! `wigwag doctor`: what it finds, on both engines, and that it changes nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::Signal;
use wigwag_store::testing;
use wigwag_store::testing::behind::{Tampering, tamper_with_file};

use crate::process::{Process, output};

fn doctor(arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let all = [&["doctor"][..], arguments].concat();
    let done = output(&all, environment);
    (done.status.code(), String::from_utf8(done.stdout).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The line about something.
fn line<'a>(report: &'a str, about: &str) -> &'a str {
    let is_about = |line: &&str| line.get(6..).is_some_and(|rest| rest.starts_with(about));
    report.lines().find(is_about).unwrap_or_else(|| panic!("nothing about {about} in\n{report}"))
}

fn serve_once(arguments: &[&str]) {
    let server = Process::start(arguments, &[]);
    server.signal(Signal::TERM);
    assert_eq!(server.end().0, Some(0));
}

#[test]
fn an_embedded_database_well_and_ill() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let place = ["--data-dir", text(&data), "--listen", "127.0.0.1:0"];
    let (code, report) = doctor(&place, &[]);
    assert_eq!(code, Some(0), "{report}");
    assert!(line(&report, "schema").contains("the first start makes it") && !data.exists(), "{report}");

    let server = Process::start(&["--data-dir", text(&data)], &[]);
    let listen = server.url().replace("http://", "");
    let (code, report) = doctor(&["--data-dir", text(&data), "--listen", &listen], &[]);
    assert_eq!(code, Some(0), "{report}");
    assert!(line(&report, "port").contains("by a server that answers"), "{report}");
    server.signal(Signal::TERM);
    assert_eq!(server.end().0, Some(0));

    let (code, report) = doctor(&[&place[..], &["--deep"]].concat(), &[]);
    assert_eq!(code, Some(0), "{report}");
    for about in ["configuration", "schema", "record", "documents", "files", "data-dir", "journal-dir", "keys", "port"]
    {
        assert!(line(&report, about).starts_with("ok"), "{report}");
    }
    std::fs::set_permissions(data.join("secret.key"), PermissionsExt::from_mode(0o644)).unwrap();
    let (code, report) = doctor(&place, &[]);
    assert!(code == Some(0) && report.contains("warn  keys") && report.contains("chmod 0600"), "{report}");

    tamper_with_file(&data, Tampering::NewerSchema).unwrap();
    let (code, report) = doctor(&place, &[]);
    assert_eq!(code, Some(1));
    assert!(line(&report, "schema").contains("run a release at least as new"), "{report}");
    let refused = output(&[&["serve"][..], &place[..]].concat(), &[]);
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("run a release at least as new") && told.contains("wigwag restore"), "{told}");
    tamper_with_file(&data, Tampering::NewerSchemaForgotten).unwrap();

    tamper_with_file(&data, Tampering::Record).unwrap();
    let (code, report) = doctor(&place, &[]);
    assert!(code == Some(1) && line(&report, "record").contains("broken at change 1"), "{report}");
}

/// Refused with what to do, by a start and by the doctor; the file stays what it is.
#[test]
fn a_file_that_is_damaged() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    serve_once(&["--data-dir", text(&data)]);
    let path = data.join("wigwag.db");
    let whole = std::fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    bytes[..16].copy_from_slice(b"not a database..");
    std::fs::write(&path, &bytes).unwrap();
    let place = ["--data-dir", text(&data), "--listen", "127.0.0.1:0"];
    let refused = output(&[&["serve"][..], &place[..]].concat(), &[]);
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("corrupt data") && told.contains("doctor --deep") && told.contains("restore"), "{told}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let (code, report) = doctor(&place, &[]);
    assert!(code == Some(1) && line(&report, "database").contains("wigwag restore"), "{report}");

    // A page in the middle: only who looks at all of them sees it.
    let mut bytes = whole;
    let page = 4_096 * (bytes.len() / 4_096 / 2);
    bytes[page..page + 4_096].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    let (code, report) = doctor(&[&place[..], &["--deep"]].concat(), &[]);
    assert_eq!(code, Some(1), "{report}");
    assert!(report.contains("wigwag restore"), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server() {
    let database = testing::database().await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let journal = home.path().join("journal");
    let place = ["--database-url", &database.url, "--listen", "127.0.0.1:0", "--journal-dir", text(&journal)];
    let (code, report) = doctor(&place, &[]);
    assert!(code == Some(0) && line(&report, "schema").contains("no database yet"), "{report}");
    serve_once(&["--database-url", &database.url]);
    let (code, report) = doctor(&[&place[..], &["--deep"]].concat(), &[]);
    assert_eq!(code, Some(0), "{report}");
    for about in ["database", "schema", "clock", "record", "documents"] {
        assert!(line(&report, about).starts_with("ok"), "{report}");
    }
    assert!(line(&report, "keys").contains("set secret-key-file"), "{report}");
    let away = ["--database-url", "postgres://x:hunter22@127.0.0.1:1/x", "--listen", "127.0.0.1:0"];
    let (code, report) = doctor(&away, &[]);
    assert!(
        code == Some(1) && line(&report, "database").starts_with("fail") && !report.contains("hunter22"),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_the_connection_is_encrypted() {
    let db = testing::Secured::start().await.unwrap();
    let full = format!("sslmode=verify-full sslrootcert={}", text(&db.authority()));
    let wrong = format!("sslmode=verify-full sslrootcert={}", text(&db.stranger()));
    for (url, verdict, told) in [
        (db.url(&full), "ok", "TLSv1.3, with a certificate that was verified"),
        (db.url("sslmode=require"), "warn", "write sslmode=verify-full"),
        (db.url_as("db.test", "plain", "sslmode=disable"), "ok", "on this machine"),
    ] {
        let (_, report) = doctor(&["--database-url", &url, "--listen", "127.0.0.1:0"], &[]);
        let line = line(&report, "encryption");
        assert!(line.starts_with(verdict) && line.contains(told), "{report}");
    }
    let (code, report) = doctor(&["--database-url", &db.url(&wrong), "--listen", "127.0.0.1:0"], &[]);
    assert!(code == Some(1) && line(&report, "database").contains("in sslrootcert"), "{report}");
    serve_once(&["--database-url", &db.url(&full)]);
}

#[test]
fn a_configuration_that_is_wrong() {
    let (code, report) = doctor(&["--listen", "here"], &[("WIGWAG_HEARTBEAT_SECONDS", "0")]);
    assert_eq!(code, Some(1));
    assert_eq!(report.lines().filter(|line| line.starts_with("fail  configuration")).count(), 2, "{report}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let (code, report) = doctor(&["--listen", &listen, "--data-dir", text(dir.path())], &[]);
    assert!(code == Some(1) && line(&report, "port").contains("by something else"), "{report}");
}
