//! `wigwag audit` beside a running server, on both engines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wigwag::audit;
use wigwag::cli::{DatabaseArgs, ExportArgs, VerifyArgs};
use wigwag::config::{Config, Flags};
use wigwag::server::{Outside, Server};
use wigwag_store::testing;
use wigwag_store::testing::behind::{Place, Tampering};

fn config(name: &'static str, value: &str, journal: &Path) -> Config {
    let journal = journal.display().to_string();
    let flags = [(name, value.to_owned()), ("listen", "127.0.0.1:0".to_owned()), ("journal-dir", journal)];
    Config::load(&Flags(BTreeMap::from(flags)), &|_| None).unwrap()
}

/// Whether a record is intact, and what is said of it.
async fn verified(config: Option<Config>, file: Option<PathBuf>, noted: Option<&str>) -> (bool, String) {
    let args = VerifyArgs { file, noted: noted.map(str::to_owned), database: DatabaseArgs::default() };
    let run = move || {
        let mut output = Vec::new();
        let intact = audit::verify(&args, config.as_ref(), &mut output, &mut Vec::new()).unwrap();
        (intact, String::from_utf8(output).unwrap())
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

async fn whole_and_tampered(config: Config, behind: Place) {
    let server = Server::start(&config, Outside::real()).await.unwrap();
    // While the server runs.
    let (intact, said) = verified(Some(config.clone()), None, None).await;
    assert!(intact && said.starts_with("intact: "), "{said}");
    let noted = said.trim().strip_prefix("intact: ").unwrap().to_owned();
    assert!(verified(Some(config.clone()), None, Some(&noted)).await.0);
    let (intact, said) = verified(Some(config.clone()), None, Some("1:00")).await;
    assert!(!intact && said.contains("change 1: it is not the one that was noted"), "{said}");

    let of = config.clone();
    let export = move || {
        let mut output = Vec::new();
        audit::export(&ExportArgs { after: 0, database: DatabaseArgs::default() }, &of, &mut output).unwrap();
        output
    };
    let lines = tokio::task::spawn_blocking(export).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("record.jsonl");
    std::fs::write(&file, &lines).unwrap();
    assert!(verified(None, Some(file.clone()), Some(&noted)).await.0);
    let changed = String::from_utf8(lines).unwrap().replacen("Wigwag", "Wigwig", 1);
    std::fs::write(&file, changed).unwrap();
    let (intact, said) = verified(None, Some(file), None).await;
    assert!(!intact && said.starts_with("broken at change "), "{said}");

    behind.tamper(Tampering::Record).await.unwrap();
    let (intact, said) = verified(Some(config.clone()), None, None).await;
    assert!(!intact && said == "broken at change 1: the row is not what was written\n", "{said}");
    behind.tamper(Tampering::RecordMended).await.unwrap();
    behind.tamper(Tampering::Document).await.unwrap();
    let (intact, said) = verified(Some(config), None, None).await;
    assert!(!intact && said.contains("is not as its last version"), "{said}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let config = config("data-dir", path, &dir.path().join("events"));
    whole_and_tampered(config, Place::Dir(dir.path().into())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let (database, journal) = (testing::database().await.unwrap(), tempfile::tempdir().unwrap());
    let config = config("database-url", &database.url, journal.path());
    whole_and_tampered(config, Place::Server(database.url.clone())).await;
}
