//! What a start prints for people: where the server is and, the first time, everything needed to use it.

use std::fmt::Write;

use wigwag_api::bootstrap::{FirstStart, NewEnvironment};

use crate::config::{Config, Init};
use crate::server::Server;

/// The text for standard output.
#[must_use]
pub fn text(server: &Server, config: &Config) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _infallible = write(&mut text, server, config);
    text
}

fn write(to: &mut String, server: &Server, config: &Config) -> std::fmt::Result {
    let site = server.site();
    writeln!(to, "\nWigwag {} is ready at {site}", env!("CARGO_PKG_VERSION"))?;
    writeln!(to, "  data: {}", config.database.shown())?;
    if server.address().ip().is_loopback() {
        writeln!(
            to,
            "  reachable from this machine only; --listen 0.0.0.0:{} lets others in",
            server.address().port()
        )?;
    }
    match server.first_start() {
        Some(first) => first_start(to, site, first, &config.init)?,
        None => later_start(to, site)?,
    }
    writeln!(to)
}

fn first_start(to: &mut String, site: &str, first: &FirstStart, given: &Init) -> std::fmt::Result {
    let password = shown(&first.owner_password, given.owner_password.is_some(), "WIGWAG_INIT_OWNER_PASSWORD");
    let token = shown(&first.access_token, given.access_token.is_some(), "WIGWAG_INIT_ACCESS_TOKEN");
    writeln!(to, "\nThis was the first start. Keep what follows: password and token are not shown again.\n")?;
    writeln!(to, "  owner           {}", first.owner_email)?;
    writeln!(to, "  password        {password}")?;
    writeln!(to, "  access token    {token}\n")?;
    writeln!(to, "Project \"default\"")?;
    for environment in &first.environments {
        let NewEnvironment { key, sdk_key, mobile_key, client_side_id } = environment;
        writeln!(to, "  {key}")?;
        writeln!(to, "    SDK key         {sdk_key}")?;
        writeln!(to, "    mobile key      {mobile_key}")?;
        writeln!(to, "    client-side ID  {client_side_id}")?;
    }
    let sdk_key = first.environments.first().map_or("YOUR_SDK_KEY", |e| &e.sdk_key);
    writeln!(to, "\nTry it, with Node (npm install @launchdarkly/node-server-sdk):\n")?;
    writeln!(to, "{}", snippet(site, sdk_key))
}

/// A value that was generated, or where the given one is to be found: those are never repeated.
fn shown<'a>(value: &'a str, given: bool, variable: &'a str) -> std::borrow::Cow<'a, str> {
    if given { format!("as given in {variable}").into() } else { value.into() }
}

fn snippet(site: &str, sdk_key: &str) -> String {
    format!(
        "  import {{ init }} from '@launchdarkly/node-server-sdk';\n  \
           const at = '{site}';\n  \
           const client = init('{sdk_key}', {{ baseUri: at, streamUri: at, eventsUri: at }});\n  \
           await client.waitForInitialization({{ timeout: 5 }});\n  \
           console.log(await client.variation('my-flag', {{ kind: 'user', key: 'ann' }}, false));"
    )
}

fn later_start(to: &mut String, site: &str) -> std::fmt::Result {
    writeln!(to, "\nKeys of the environments of a project, with an access token:")?;
    writeln!(to, "  curl -H \"Authorization: $TOKEN\" {site}/api/v2/projects/default/environments")
}
