//! Files under deploy/: what they name is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use wigwag::config::setting::{SETTINGS, find};
use wigwag_testkit::{Engine, TestServer, flag};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(deploy().join(name)).unwrap()
}

/// Words of letters, digits and underscores that begin like this.
fn words<'a>(text: &'a str, starts: &[&str]) -> BTreeSet<&'a str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| starts.iter().any(|start| word.starts_with(start) && word.len() > start.len())).collect()
}

/// All the series that a server answers, once each kind of thing has happened.
async fn series() -> BTreeSet<String> {
    let server = TestServer::start(Engine::Sqlite).await;
    server.create_flag("default", flag("lamp")).await;
    let key = server.sdk_key("test").await;
    server.with_token(&key).get("/sdk/latest-all").await.expect(200);
    server.with_token("sdk-of-nobody").get("/sdk/latest-all").await.expect(401);
    let event = json!([{"kind": "identify", "creationDate": 1, "context": {"kind": "user", "key": "u"}}]);
    server.with_token(&key).post("/bulk", &event).await.expect(202);
    let text = server.get("/metrics").await.expect(200).text;
    let names = text.lines().filter(|line| !line.starts_with('#'));
    names.filter_map(|line| line.split(['{', ' ']).next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_metric_that_is_drawn_or_watched_exists() {
    let series = series().await;
    let starts = ["wigwag_", "process_"];
    for name in ["grafana/wigwag.json", "prometheus/alerts.yaml"] {
        let text = read(name);
        let named = words(&text, &starts);
        assert!(named.len() > 8, "{name} names {named:?}");
        for metric in named {
            assert!(series.contains(metric), "{name} names {metric}, which is not in /metrics");
        }
    }
    let dashboard: Value = serde_json::from_str(&read("grafana/wigwag.json")).unwrap();
    let drawn = dashboard["panels"].to_string();
    let page = include_str!("../../../../docs/operate/metrics.md");
    let explained = words(page, &["wigwag_rest", "wigwag_sdk", "wigwag_database", "wigwag_propagation"]);
    for metric in explained {
        assert!(drawn.contains(metric), "{metric} is not on the dashboard");
    }
}

/// Variables in files of compose, Kubernetes and Docker, and names in the file of systemd.
#[test]
fn every_setting_that_is_made_exists() {
    let known: BTreeSet<String> = SETTINGS.iter().map(wigwag::config::setting::Setting::variable).collect();
    for name in ["Dockerfile", "compose/one.yaml", "compose/three.yaml", "kubernetes/wigwag.yaml"] {
        let text = read(name);
        let named = words(&text, &["WIGWAG_"]);
        assert!(!named.is_empty(), "{name}");
        for variable in named {
            assert!(known.contains(variable), "{name} sets {variable}, which is no setting");
        }
    }
    let file: toml::Table = read("systemd/wigwag.toml").parse().unwrap();
    for name in file.keys() {
        assert!(find(name).is_some_and(|setting| setting.from.is_file()), "{name}");
    }
    let unit = read("systemd/wigwag.service");
    assert!(unit.contains("ExecReload=/bin/kill -HUP") && unit.contains("NoNewPrivileges=yes"));
}
