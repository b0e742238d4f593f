//! The store: durable commits a second against bare engines doing the least that could do the same,
//! and lists at 10,000 and 50,000 flags.

pub(crate) mod bare;
mod commits;
mod lists;

use anyhow::{Context, Result, bail};
use std::time::Duration;
use wigwag_store::testing::Server;

const HELP: &str = "\
wigwag-bench store                commits and lists on both engines, as tables
wigwag-bench store commits [S [E]]
                                  durable commits a second, S seconds for each figure (3), of engine E only
                                  (sqlite or postgres)
wigwag-bench store lists          lists at 10,000 and 50,000 flags
PostgreSQL is a private server with its default settings; both engines write below the temporary folder.";

/// Runs the subcommand.
pub(crate) fn main(arguments: &[String]) -> Result<()> {
    let part = arguments.first().map_or("", String::as_str);
    if !matches!(part, "" | "commits" | "lists") {
        bail!("{HELP}");
    }
    let seconds = arguments.get(1).map_or(Ok(3), |text| text.parse()).context("S is a number of seconds")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = Server::start(true)?;
        if part != "lists" {
            let only = arguments.get(2).map_or("", String::as_str);
            commits::table(&server, Duration::from_secs(seconds), only).await?;
        }
        if part != "commits" {
            lists::table(&server).await?;
        }
        Ok(())
    })
}

/// A flag's configuration in an environment, of the usual size (about 1 KB).
fn config_body(n: u64) -> String {
    let rule = r#"{"_id":"5f1e2d3c-0000-4000-8000-000000000000","clauses":[{"attribute":"email","op":"endsWith","values":["@example.com"],"negate":false,"contextKind":"user"}],"variation":0,"trackEvents":false}"#;
    format!(
        r#"{{"on":{},"salt":"5f1e2d3c4b5a69788796a5b4c3d2e1f0","targets":[],"contextTargets":[],"rules":[{rule},{rule},{rule}],"fallthrough":{{"variation":1}},"offVariation":0,"prerequisites":[],"trackEvents":false,"lastModified":{n}}}"#,
        n.is_multiple_of(2)
    )
}

/// An audit entry, of the usual size (about 700 bytes).
fn audit_body(n: u64) -> String {
    format!(
        r#"{{"_id":"{n:024x}","accountId":"5f1e2d3c4b5a697887960000","date":1700000000000,"kind":"flag","name":"Flag","description":"","shortDescription":"","comment":"","accesses":[{{"action":"updateOn","resource":"proj/web:env/test:flag/a"}}],"titleVerb":"turned on the flag","title":"[Ann](mailto:ann@example.com) turned on the flag [Flag](/web/test/features/a) in Test","target":{{"name":"Flag","resources":["proj/web:env/test:flag/a"]}},"member":{{"_id":"5f1e2d3c4b5a697887960001","email":"ann@example.com","firstName":"Ann","lastName":"Ash"}},"instructions":[{{"kind":"turnFlagOn"}}]}}"#
    )
}
