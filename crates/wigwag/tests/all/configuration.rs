//! Bad configuration: everything at once, a line each, and nothing is started.

use crate::process::{Process, output};

#[test]
fn every_problem_has_a_line_with_option_source_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wigwag.toml");
    std::fs::write(&file, "log-format = \"xml\"\nlisten-address = \"x\"\n").unwrap();
    let file = file.to_str().unwrap();
    let result = output(
        &["serve", "--listen", "nowhere", "--config", file],
        &[("WIGWAG_HEARTBEAT_SECONDS", "often"), ("WIGWAG_INIT_OWNER_EMAIL", "nobody")],
    );
    let text = String::from_utf8(result.stderr).unwrap();
    assert_eq!(result.status.code(), Some(2), "{text}");
    for expected in [
        "--listen (flag): \"nowhere\" is not an address",
        "WIGWAG_HEARTBEAT_SECONDS (environment): ",
        "WIGWAG_INIT_OWNER_EMAIL (environment): ",
        &format!("log-format (file {file}): "),
        &format!("listen-address (file {file}): is not a setting"),
    ] {
        assert!(text.lines().any(|l| l.starts_with(expected)), "{expected} not in\n{text}");
    }
    assert_eq!(text.lines().count(), 6, "a line each, and where to read on:\n{text}");
    assert!(result.stdout.is_empty());
}

#[test]
fn an_unknown_flag_and_a_taken_address_are_told() {
    let result = output(&["serve", "--listne", "x"], &[]);
    assert!(String::from_utf8_lossy(&result.stderr).contains("'--listen'"), "the flag that was meant");
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let result = output(&["serve", "--listen", &address, "--data-dir", dir.path().to_str().unwrap()], &[]);
    let text = String::from_utf8_lossy(&result.stderr).into_owned();
    assert_eq!(result.status.code(), Some(1));
    assert!(text.contains(&format!("cannot listen on {address}")), "{text}");
}

#[test]
fn a_database_that_cannot_be_reached_is_told_without_its_password() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://wigwag:hunter22@{closed}/flags");
    let journal = tempfile::tempdir().unwrap();
    let place = ["--database-url", &url, "--journal-dir", journal.path().to_str().unwrap()];
    let result = output(&[&["serve", "--listen", "127.0.0.1:0"][..], &place].concat(), &[]);
    let text = String::from_utf8_lossy(&result.stderr).into_owned();
    assert_eq!(result.status.code(), Some(1), "{text}");
    assert!(text.contains(&format!("cannot open PostgreSQL at {closed}/flags")), "{text}");
    assert!(!text.contains("hunter22"), "{text}");
}

#[test]
fn settings_come_from_the_file_too() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (dir.path().join("wigwag.toml"), dir.path().join("elsewhere"));
    std::fs::write(&file, format!("data-dir = {:?}\npublic-url = \"https://flags.example.com/\"\n", data)).unwrap();
    let server = Process::start(&["--config", file.to_str().unwrap()], &[]);
    assert!(server.welcome.contains("is ready at https://flags.example.com\n"), "{}", server.welcome);
    assert!(data.is_dir());
}

#[test]
fn help_teaches_and_the_version_is_told() {
    let help = String::from_utf8(output(&["serve", "--help"], &[]).stdout).unwrap();
    for word in ["Examples:", "WIGWAG_DATABASE_URL", "/health/ready", "WIGWAG_INIT_ACCESS_TOKEN", "--data-dir"] {
        assert!(help.contains(word), "{word} not in\n{help}");
    }
    let version = String::from_utf8(output(&["--version"], &[]).stdout).unwrap();
    assert_eq!(version.trim(), concat!("wigwag ", env!("CARGO_PKG_VERSION")));
}
