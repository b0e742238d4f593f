//! Whatever stands in the files that an operator hands over (configuration, backups, exports), it is taken or refused in
//! words: no panic, nothing half loaded.
//!
//! `scripts/fuzz files` goes on with new seeds for as long as you like; a seed that found something is told with it.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wigwag::config::setting::SETTINGS;
use wigwag::config::{Config, Flags};
use wigwag_store::portable::{self, MANIFEST, Scope};
use wigwag_store::{Chain, Store, StoreConfig};

use crate::process::{Process, output};

const TOKEN: &str = "api-token-for-files";
/// What stands for something where files are read.
const PIECES: &[&str] = &[
    "",
    "0",
    "-1",
    "1.5",
    "true",
    "null",
    "\"",
    "{}",
    "[]",
    "[[",
    "\\",
    "\n",
    "\u{0}",
    "é",
    "..",
    "/",
    "*",
    "nonsense",
    "18446744073709551616",
    "2026-11-23",
    "127.0.0.1:0",
    "postgres://h/d",
    "https://h",
];

struct Draw(StdRng);

impl Draw {
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.choose(&mut self.0).copied().unwrap()
    }

    fn below(&mut self, n: usize) -> usize {
        self.0.random_range(0..n.max(1))
    }

    /// Other bytes in some places, or less of them.
    fn broken(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(3) {
                0 => bytes.truncate(at),
                1 if at < bytes.len() => bytes[at] = self.0.random(),
                _ => drop(bytes.splice(at..at, self.one(PIECES).bytes().collect::<Vec<_>>())),
            }
        }
    }

    /// Another value somewhere within.
    fn bent(&mut self, value: &mut Value) {
        let deeper = self.below(5) > 0;
        match value {
            Value::Object(members) if deeper && !members.is_empty() => {
                let at = self.below(members.len());
                let name = members.keys().nth(at).cloned().unwrap();
                if self.below(4) == 0 { drop(members.remove(&name)) } else { self.bent(&mut members[&name]) }
            }
            Value::Array(items) if deeper && !items.is_empty() => {
                let at = self.below(items.len());
                if self.below(4) == 0 { drop(items.remove(at)) } else { self.bent(&mut items[at]) }
            }
            value => {
                let piece = self.one(PIECES);
                *value = serde_json::from_str(piece).unwrap_or_else(|_| json!(piece));
            }
        }
    }
}

/// A text of settings, of which some make sense.
fn config(draw: &mut Draw, dir: &Path) {
    let mut text = String::new();
    for _ in 0..draw.below(8) {
        let setting = SETTINGS.choose(&mut draw.0).unwrap();
        let piece = if draw.below(3) == 0 { setting.default } else { draw.one(PIECES) };
        text += &match draw.below(3) {
            0 => format!("{} = {piece}\n", setting.name),
            1 => format!("{} = {}\n", setting.name, json!(piece)),
            _ => format!("[{}]\nx = {{ role = {} }}\n", setting.name, json!(piece)),
        };
    }
    let mut bytes = text.into_bytes();
    if draw.below(4) == 0 {
        draw.broken(&mut bytes);
    }
    let path = dir.join("wigwag.toml");
    std::fs::write(&path, &bytes).unwrap();
    let flags = Flags([("config", path.to_str().unwrap().to_owned())].into());
    if let Err(problems) = Config::load(&flags, &|_| None) {
        assert!(problems.iter().all(|one| !one.option.is_empty() && !one.message.is_empty()), "{problems:?}");
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// One file of a backup is another: as it stands, or a row of it under sums that are right, so that what is behind them
/// is met as well.
async fn backup(draw: &mut Draw, good: &Path, dir: &Path) {
    let bent = dir.join("backup");
    std::fs::create_dir(&bent).unwrap();
    for path in files(good) {
        std::fs::copy(&path, bent.join(path.file_name().unwrap())).unwrap();
    }
    let at = bent.join(MANIFEST);
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&at).unwrap()).unwrap();
    match draw.below(4) {
        0 => {
            let all = files(&bent);
            let path = &all[draw.below(all.len())];
            let mut bytes = std::fs::read(path).unwrap();
            draw.broken(&mut bytes);
            std::fs::write(path, bytes).unwrap();
        }
        1 => {
            draw.bent(&mut manifest);
            std::fs::write(&at, manifest.to_string()).unwrap();
        }
        _ => {
            let tables = manifest["tables"].as_array_mut().unwrap();
            let full: Vec<usize> = (0..tables.len()).filter(|n| tables[*n]["rows"] != 0).collect();
            let table = &mut tables[full[draw.below(full.len())]];
            let path = bent.join(table["file"].as_str().unwrap());
            let mut text = String::new();
            GzDecoder::new(&*std::fs::read(&path).unwrap()).read_to_string(&mut text).unwrap();
            let mut rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let row = draw.below(rows.len());
            draw.bent(&mut rows[row]);
            let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(text.as_bytes()).unwrap();
            let bytes = gzip.finish().unwrap();
            table["bytes"] = json!(bytes.len());
            table["sha256"] = json!(hex::encode(Sha256::digest(&bytes)));
            std::fs::write(&path, &bytes).unwrap();
            std::fs::write(&at, manifest.to_string()).unwrap();
        }
    }
    let place = StoreConfig::sqlite(dir.join("restored"));
    match portable::restore(&bent, &place).await {
        Ok(_) => {
            let store = Store::open(&place).await.unwrap();
            assert!(matches!(store.verify_chain().await.unwrap(), Chain::Intact { .. }));
            store.close().await;
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            // Nothing of it: the place can be used.
            Store::open(&place).await.unwrap().close().await;
        }
    }
}

/// A file of an export is another.
fn import(draw: &mut Draw, server: &Process, good: &Path, dir: &Path) {
    let bent = dir.join("export");
    let mut open = vec![good.to_path_buf()];
    let mut all = Vec::new();
    while let Some(next) = open.pop() {
        for path in files(&next) {
            let to = bent.join(path.strip_prefix(good).unwrap());
            if path.is_dir() {
                open.push(path);
            } else {
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                std::fs::copy(&path, &to).unwrap();
                all.push(to);
            }
        }
    }
    all.sort();
    let path = &all[draw.below(all.len())];
    let mut bytes = std::fs::read(path).unwrap();
    if draw.below(4) == 0 {
        draw.broken(&mut bytes);
    } else {
        let mut value: Value = serde_json::from_slice(&bytes).unwrap();
        draw.bent(&mut value);
        bytes = value.to_string().into_bytes();
    }
    std::fs::write(path, bytes).unwrap();
    let environment = [("WIGWAG_ACCESS_TOKEN", TOKEN)];
    let done = output(&["import", "--url", &server.url(), "--from", bent.to_str().unwrap()], &environment);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(matches!(done.status.code(), Some(0 | 1)), "{}: {said}", path.display());
    assert!(!said.contains("panicked") && !said.contains("internal_service_error"), "{}: {said}", path.display());
    assert_eq!(done.status.success(), said.is_empty(), "{said}");
}

/// A server with a bit of everything, a backup and an export of it.
struct Hall {
    server: Process,
    backup: PathBuf,
    export: PathBuf,
    _home: tempfile::TempDir,
}

impl Hall {
    async fn open() -> Self {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        let server = Process::start(&["--data-dir", data.to_str().unwrap()], &[("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)]);
        let client = server.client(TOKEN);
        client.post("/api/v2/segments/default/test", &json!({"key": "beta", "name": "Beta"})).await.expect(201);
        let variations = json!([{"value": {}, "name": "Off"}, {"value": {"a": [1, "é"]}}]);
        let lamp = json!({"key": "lamp", "name": "Lamp", "tags": ["t"], "variations": variations});
        client.post("/api/v2/flags/default", &lamp).await.expect(201);
        let (backup, export) = (home.path().join("backup"), home.path().join("export"));
        portable::backup(&StoreConfig::sqlite(&data), &backup, Scope { events: true }).await.unwrap();
        let environment = [("WIGWAG_ACCESS_TOKEN", TOKEN)];
        let done = output(&["export", "--url", &server.url(), "--output", export.to_str().unwrap()], &environment);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Self { server, backup, export, _home: home }
    }

    async fn round(&self, seed: u64) {
        eprintln!("seed {seed}");
        let mut draw = Draw(StdRng::seed_from_u64(seed));
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..20 {
            config(&mut draw, dir.path());
        }
        backup(&mut draw, &self.backup, dir.path()).await;
        tokio::task::block_in_place(|| import(&mut draw, &self.server, &self.export, dir.path()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_stands_in_files() {
    let hall = Hall::open().await;
    for seed in 1..=12 {
        Box::pin(hall.round(seed)).await;
    }
}

/// `scripts/fuzz files`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "does not end"]
async fn without_end() {
    let hall = Hall::open().await;
    for seed in std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().. {
        Box::pin(hall.round(seed)).await;
    }
}
