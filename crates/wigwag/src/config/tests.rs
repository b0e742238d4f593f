#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;

fn load(flags: &[(&'static str, &str)], environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let flags = Flags(flags.iter().map(|(n, v)| (*n, (*v).to_owned())).collect::<BTreeMap<_, _>>());
    let lookup = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
    Config::load(&flags, &lookup).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wigwag.toml");
    std::fs::write(&path, text).unwrap();
    (dir, path.to_string_lossy().into_owned())
}

#[test]
fn defaults_are_loopback_and_sqlite() {
    let config = load(&[], &[]).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8030".parse().unwrap());
    assert_eq!(config.database, Database::Sqlite(PathBuf::from("./data")));
    assert_eq!(config.init, Init::default());
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let (_dir, path) = file("listen = \"127.0.0.1:1\"\nlog-level = \"warn\"\nheartbeat-seconds = 7\n");
    let config = load(
        &[("listen", "127.0.0.1:3"), ("config", &path)],
        &[("WIGWAG_LISTEN", "127.0.0.1:2"), ("WIGWAG_LOG_LEVEL", "debug")],
    )
    .unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.log.filter, "debug");
    assert_eq!(config.heartbeat.as_secs(), 7);
}

#[test]
fn every_problem_is_told_at_once_with_its_place_and_a_remedy() {
    let (_dir, path) =
        file("log-format = \"xml\"\ndata_dir = \"x\"\ncolour = 1\ninit-access-token = \"s3cret-token\"\n");
    let problems = load(
        &[("listen", "here")],
        &[
            ("WIGWAG_CONFIG", &path),
            ("WIGWAG_HEARTBEAT_SECONDS", "0"),
            ("WIGWAG_DATABASE_URL", "mysql://root:hunter22@db/x"),
        ],
    )
    .unwrap_err();
    let all = problems.join("\n");
    for expected in [
        "--listen (flag): \"here\" is not an address and port",
        "WIGWAG_HEARTBEAT_SECONDS (environment): \"0\" is not possible; write a whole number from 1 to 240",
        "WIGWAG_DATABASE_URL (environment): is not a PostgreSQL address",
        "is not a log format; write text or json",
        "data_dir (file",
        "did you mean data-dir?",
        "colour (file",
        "set WIGWAG_INIT_ACCESS_TOKEN",
    ] {
        assert!(all.contains(expected), "{expected} not in\n{all}");
    }
    assert_eq!(problems.len(), 7, "{all}");
    assert!(!all.contains("hunter22") && !all.contains("s3cret"), "secrets stay out of messages");
}

#[test]
fn two_databases_are_one_too_many() {
    let problems = load(&[("data-dir", "d")], &[("WIGWAG_DATABASE_URL", "postgres://localhost/w")]).unwrap_err();
    assert_eq!(problems, ["--data-dir (flag): is set together with database-url; keep one of the two"]);
}

#[test]
fn a_missing_or_broken_file_is_named() {
    let problems = load(&[("config", "/nonexistent/w.toml")], &[]).unwrap_err();
    assert!(problems[0].starts_with("--config (flag): cannot read /nonexistent/w.toml"), "{problems:?}");
    let (_dir, path) = file("listen = \n");
    let problems = load(&[("config", &path)], &[]).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("is not TOML"), "{problems:?}");
}

#[test]
fn nothing_printed_holds_a_password() {
    let url = "postgres://wigwag:hunter22@db.example.com:5432/flags?sslmode=require";
    let config = load(&[("database-url", url)], &[("WIGWAG_INIT_OWNER_PASSWORD", "correct horse")]).unwrap();
    let shown = format!("{config:?}");
    assert!(shown.contains("PostgreSQL at db.example.com:5432/flags"), "{shown}");
    assert!(!shown.contains("hunter22") && !shown.contains("correct horse"), "{shown}");
}

#[test]
fn databases_are_shown_without_credentials() {
    for (given, shown) in [
        ("postgres://u:secret@h:5432/n?application_name=w", "h:5432/n"),
        ("host=/run/pg user=u password=secret dbname=n", "/run/pg/n"),
    ] {
        assert!(parse::database_url(given).is_ok());
        assert_eq!(parse::without_credentials(given), shown);
    }
    assert!(parse::database_url("secret").is_err());
    let refused = load(&[("database-url", "postgres://u:hunter22@h/n?sslmode=always")], &[]).unwrap_err().join("\n");
    assert!(refused.contains("database-url") && refused.contains("sslmode=always"), "{refused}");
    assert!(!refused.contains("hunter22"), "{refused}");
}

#[test]
fn first_start_values_are_checked_without_being_repeated() {
    let problems = load(
        &[],
        &[
            ("WIGWAG_INIT_OWNER_EMAIL", "nobody"),
            ("WIGWAG_INIT_OWNER_PASSWORD", "shorty"),
            ("WIGWAG_INIT_ACCESS_TOKEN", "with space in it"),
        ],
    )
    .unwrap_err();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(!problems.join("").contains("shorty") && !problems.join("").contains("with space"));
}

#[test]
fn addresses() {
    for good in ["127.0.0.1:0", "0.0.0.0:80", "[::1]:8030", "localhost:9"] {
        assert!(parse::address(good).is_ok(), "{good}");
    }
    for bad in ["", "8030", "localhost", "1.2.3.4", "a b:1", "127.0.0.1:70000"] {
        assert!(parse::address(bad).is_err(), "{bad}");
    }
}

#[test]
fn log_levels() {
    for good in ["info", "debug,wigwag_store=trace", "off", "wigwag=warn"] {
        assert!(parse::log_filter(good).is_ok(), "{good}");
    }
    for bad in ["verbose", "loud,info", "info,wigwag=loudest"] {
        assert!(parse::log_filter(bad).is_err(), "{bad}");
    }
}

#[test]
fn traces_are_off_unless_a_collector_is_named() {
    assert!(load(&[], &[("OTEL_SERVICE_NAME", "flags")]).unwrap().otlp.is_none());
    let secret = ("WIGWAG_OTLP_HEADERS", "authorization=Basic%20hunter22, x-tenant=a");
    let flags = [("otlp-endpoint", "https://collector.example.com/"), ("otlp-sample-ratio", "0.25")];
    let config = load(&flags, &[secret, ("OTEL_SERVICE_NAME", "flags")]).unwrap();
    let shown = format!("{config:?}");
    let otlp = config.otlp.unwrap();
    assert_eq!((&*otlp.endpoint, &*otlp.service, otlp.sample), ("https://collector.example.com", "flags", 0.25));
    assert_eq!(otlp.headers[0], ("authorization".to_owned(), "Basic hunter22".to_owned()));
    assert!(shown.contains("x-tenant") && !shown.contains("hunter22"), "{shown}");

    let common = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")];
    assert_eq!(load(&[], &common).unwrap().otlp.unwrap().service, "wigwag");
    let own = [common[0], ("WIGWAG_OTLP_ENDPOINT", "http://ours:4318")];
    assert_eq!(load(&[], &own).unwrap().otlp.unwrap().endpoint, "http://ours:4318");
}

#[test]
fn what_is_wrong_with_traces_is_named_where_it_was_set() {
    for (flags, environment, told) in [
        (vec![("otlp-endpoint", "collector:4318")], vec![], "--otlp-endpoint (flag)"),
        (vec![], vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")], "OTEL_EXPORTER_OTLP_ENDPOINT (environment)"),
        (vec![("otlp-sample-ratio", "10")], vec![], "--otlp-sample-ratio (flag)"),
        (vec![], vec![("WIGWAG_OTLP_HEADERS", "hunter22")], "WIGWAG_OTLP_HEADERS (environment)"),
    ] {
        let problems = load(&flags, &environment).unwrap_err();
        let shown = &problems[0];
        assert!(problems.len() == 1 && shown.contains(told) && !shown.contains("hunter22"), "{shown}");
    }
}

#[test]
fn certificates_are_ordered_for_names() {
    let config = load(&[("acme-domains", "Flags.example.com, sdk.example.com"), ("data-dir", "d")], &[]).unwrap();
    let acme = config.acme.unwrap();
    assert_eq!(acme.domains, ["flags.example.com", "sdk.example.com"]);
    assert_eq!(config.tls, Some(acme.files()));
    assert_eq!(acme.files().cert, std::path::Path::new("d/acme/certificate.pem"));
    assert!(load(&[("acme-email", "ops@example.com")], &[]).unwrap().acme.is_none());
    for (flags, told) in [
        (vec![("acme-domains", "*.example.com")], "--acme-domains (flag)"),
        (vec![("acme-domains", "10.0.0.1")], "--acme-domains (flag)"),
        (vec![("acme-domains", "a.example"), ("tls-cert", "c"), ("tls-key", "k")], "--acme-domains (flag)"),
        (vec![("acme-domains", "a.example"), ("acme-directory", "le")], "--acme-directory (flag)"),
    ] {
        let problems = load(&flags, &[]).unwrap_err();
        assert!(problems.len() == 1 && problems[0].contains(told), "{problems:?}");
    }
}
