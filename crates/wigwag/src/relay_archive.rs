//! `wigwag relay-archive`: the environments of a Relay Proxy in a file, for its offline mode (sdk-protocol.md 9.4).
//!
//! Asks a running server for what it would tell a proxy, so that it needs no database and works from anywhere.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context as _, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use reqwest::header::{AUTHORIZATION, ETAG};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::cli::RelayArchiveArgs;
use crate::private;

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(60);
/// Largest list of environments, in bytes.
const LIST_MAX: usize = 64 << 20;

/// Writes the archive; how many environments are in it.
///
/// # Errors
/// The server cannot be asked or refuses, the file cannot be written.
pub fn run(args: &RelayArchiveArgs, key: &str) -> anyhow::Result<usize> {
    let _set = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let files = runtime.block_on(collected(args.url.trim_end_matches('/'), key))?;
    let mut packed = Vec::new();
    write(&files, &mut packed)?;
    private::replace(&args.output, &packed).with_context(|| format!("cannot write {}", args.output.display()))?;
    // Two files each.
    Ok(files.len() / 2)
}

/// The files of the archive, by name.
async fn collected(url: &str, key: &str) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let http = Client::builder().connect_timeout(WITHIN).build()?;
    let told = environments(&http, url, key).await?;
    let Some(environments) = told.pointer("/data/environments").and_then(Value::as_object) else {
        bail!("{url} told no environments")
    };
    let mut files = BTreeMap::new();
    for (id, env) in environments {
        let sdk_key = env.pointer("/sdkKey/value").and_then(Value::as_str).unwrap_or_default();
        let answer = http.get(format!("{url}/sdk/latest-all")).header(AUTHORIZATION, sdk_key).timeout(WITHIN);
        let answer = answer.send().await?.error_for_status().with_context(|| format!("the flags of {id}"))?;
        let data_id = answer.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
        let data = answer.bytes().await?.to_vec();
        files.insert(format!("{id}.json"), serde_json::to_vec(&json!({"env": env, "dataId": data_id}))?);
        files.insert(format!("{id}-data.json"), data);
    }
    Ok(files)
}

/// What a proxy with this key is told first.
async fn environments(http: &Client, url: &str, key: &str) -> anyhow::Result<Value> {
    let asked = http.get(format!("{url}/relay_auto_config?rpacProtocolVersion=2")).header(AUTHORIZATION, key);
    let mut answer = tokio::time::timeout(WITHIN, asked.send()).await.context("no answer in time")??;
    if answer.status() == StatusCode::UNAUTHORIZED {
        bail!("the key is not that of a Relay Proxy configuration");
    }
    answer.error_for_status_ref()?;
    let mut told = String::new();
    loop {
        if let Some((event, _)) = told.split_once("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_default();
            return serde_json::from_str(data).context("what was told cannot be read");
        }
        let more = tokio::time::timeout(WITHIN, answer.chunk()).await.context("nothing was told in time")??;
        let Some(more) = more else { bail!("the stream ended before anything was told") };
        told.push_str(std::str::from_utf8(&more).context("what was told cannot be read")?);
        if told.len() > LIST_MAX {
            bail!("there are too many environments");
        }
    }
}

/// A compressed archive with its checksum: of the contents of all other files, in order of their names.
fn write(files: &BTreeMap<String, Vec<u8>>, output: &mut impl Write) -> anyhow::Result<()> {
    let mut sum = Md5::new();
    files.values().for_each(|contents| sum.update(contents));
    let sum = sum.finalize();
    let mut archive = tar::Builder::new(GzEncoder::new(output, Compression::default()));
    let all = files.iter().map(|(name, contents)| (name.as_str(), contents.as_slice()));
    for (name, contents) in all.chain([("checksum.md5", &sum[..])]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, name, contents)?;
    }
    archive.into_inner()?.finish()?;
    Ok(())
}
