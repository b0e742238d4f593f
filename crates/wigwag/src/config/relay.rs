//! Configuration of `wigwag relay`.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use wigwag_relay::{Access, EnvironmentKeys};

use super::parse;
use super::{Environment, Log, TlsFiles};
use crate::cli::RelayArgs;

/// Everything `wigwag relay` can be told.
#[derive(Debug)]
pub struct RelayConfig {
    /// Where connections are accepted.
    pub listen: SocketAddr,
    /// Certificate and key; without them connections are in the clear.
    pub tls: Option<TlsFiles>,
    /// Address of the server that is followed, no trailing slash.
    pub upstream: String,
    /// Where what is no stream is asked for, no trailing slash.
    pub polls: String,
    /// Where events go, no trailing slash.
    pub events: String,
    /// Which environments.
    pub access: Access,
    /// Directory for what was last known and for events that wait.
    pub dir: PathBuf,
    /// How logs are written.
    pub log: Log,
}

/// The file that lists environments.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    environment: Vec<Keys>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Keys {
    sdk_key: String,
    client_side_id: String,
    mobile_key: Option<String>,
    #[serde(default)]
    secure_mode: bool,
}

impl From<Keys> for EnvironmentKeys {
    fn from(keys: Keys) -> Self {
        Self {
            sdk_key: keys.sdk_key,
            client_side_id: keys.client_side_id,
            mobile_key: keys.mobile_key,
            secure_mode: keys.secure_mode,
        }
    }
}

impl RelayConfig {
    /// Reads flags and environment.
    ///
    /// # Errors
    /// A line for each thing that is wrong: the option, and what it must be.
    pub fn load(args: &RelayArgs, environment: Environment<'_>) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut read = |name: &str, given: Result<String, String>| {
            given.inspect_err(|problem| problems.push(format!("--{name}: {problem}"))).unwrap_or_default()
        };
        let upstream = read("upstream", parse::web_address(&args.upstream));
        let polls = args.polls.as_ref().map(|given| read("upstream-polls", parse::web_address(given)));
        let events = args.events.as_ref().map(|given| read("upstream-events", parse::web_address(given)));
        let filter = read("log-level", parse::log_filter(&args.log_level));
        let json = parse::log_format(&args.log_format).inspect_err(|e| problems.push(format!("--log-format: {e}")));
        let listen = parse::address(&args.listen).inspect_err(|e| problems.push(format!("--listen: {e}")));
        let access = access(args, environment).inspect_err(|problem| problems.push(problem.clone()));
        match (listen, json, access) {
            (Ok(listen), Ok(json), Ok(access)) if problems.is_empty() => Ok(Self {
                listen,
                tls: args.tls_cert.clone().zip(args.tls_key.clone()).map(|(cert, key)| TlsFiles { cert, key }),
                polls: polls.unwrap_or_else(|| upstream.clone()),
                events: events.unwrap_or_else(|| upstream.clone()),
                upstream,
                access,
                dir: args.data_dir.clone(),
                log: Log { json, filter },
            }),
            _ => Err(problems),
        }
    }
}

/// Exactly one of the three ways to name environments.
fn access(args: &RelayArgs, environment: Environment<'_>) -> Result<Access, String> {
    const AUTO: &str = "WIGWAG_RELAY_AUTO_CONFIG_KEY";
    const ONE: [&str; 3] = ["WIGWAG_RELAY_SDK_KEY", "WIGWAG_RELAY_CLIENT_SIDE_ID", "WIGWAG_RELAY_MOBILE_KEY"];
    let given = |name| environment(name).filter(|value| !value.trim().is_empty());
    match (given(AUTO), args.environments.as_ref(), given(ONE[0])) {
        (Some(key), None, None) => Ok(Access::AutoConfig(key)),
        (None, Some(path), None) => {
            let wrong = |problem: &dyn std::fmt::Display| format!("--environments: {}: {problem}", path.display());
            let text = std::fs::read_to_string(path).map_err(|e| wrong(&e))?;
            // What the parser says could hold a key: only the place is told.
            let listed: Listed = toml::from_str(&text).map_err(|e| wrong(&e.message()))?;
            if listed.environment.is_empty() {
                return Err(wrong(&"lists no [[environment]]"));
            }
            Ok(Access::Keys(listed.environment.into_iter().map(EnvironmentKeys::from).collect()))
        }
        (None, None, Some(sdk_key)) => {
            let client_side_id = given(ONE[1]).ok_or_else(|| format!("{}: is needed beside {}", ONE[1], ONE[0]))?;
            let keys = EnvironmentKeys { sdk_key, client_side_id, mobile_key: given(ONE[2]), secure_mode: false };
            Ok(Access::Keys(vec![keys]))
        }
        (None, None, None) => {
            Err(format!("nothing to follow: set {AUTO}, or {} and {}, or --environments", ONE[0], ONE[1]))
        }
        _ => Err(format!("only one of {AUTO}, {} and --environments may be given", ONE[0])),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Verb};

    fn load(line: &[&str], variables: &[(&str, &str)]) -> Result<RelayConfig, Vec<String>> {
        let line = ["wigwag", "relay"].iter().chain(line);
        let Verb::Relay(args) = Cli::try_parse_from(line).unwrap().command else { unreachable!() };
        let environment =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        RelayConfig::load(&args, &environment)
    }

    #[test]
    fn one_environment_by_its_keys() {
        let keys = [("WIGWAG_RELAY_SDK_KEY", "sdk-1"), ("WIGWAG_RELAY_CLIENT_SIDE_ID", "abc")];
        let config = load(&["--upstream", "https://flags.example.com/"], &keys).unwrap();
        assert_eq!((&*config.upstream, &*config.events), ("https://flags.example.com", "https://flags.example.com"));
        assert!(matches!(config.access, Access::Keys(keys) if keys.len() == 1 && keys[0].mobile_key.is_none()));
        let problems = load(&["--upstream", "https://flags.example.com"], &keys[..1]).unwrap_err();
        assert!(problems[0].starts_with("WIGWAG_RELAY_CLIENT_SIDE_ID"), "{problems:?}");
    }

    #[test]
    fn mistakes_are_told_together_and_without_secrets() {
        let both = [("WIGWAG_RELAY_SDK_KEY", "sdk-hidden"), ("WIGWAG_RELAY_AUTO_CONFIG_KEY", "rel-hidden")];
        let problems = load(&["--upstream", "flags", "--listen", "here"], &both).unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(!problems.join(" ").contains("hidden"));
        assert!(load(&["--upstream", "http://a"], &[]).unwrap_err()[0].starts_with("nothing to follow"));
    }

    #[test]
    fn a_file_lists_environments() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("environments.toml");
        let text = "[[environment]]\nsdk-key = \"sdk-1\"\nclient-side-id = \"a\"\nsecure-mode = true\n\n\
                    [[environment]]\nsdk-key = \"sdk-2\"\nclient-side-id = \"b\"\nmobile-key = \"mob-2\"\n";
        std::fs::write(&path, text).unwrap();
        let line = ["--upstream", "http://a", "--environments", path.to_str().unwrap()];
        let config = load(&line, &[]).unwrap();
        assert!(matches!(config.access, Access::Keys(keys) if keys.len() == 2 && keys[0].secure_mode));
        std::fs::write(&path, "[[environment]]\nsdk-kay = \"sdk-hidden\"\n").unwrap();
        let problems = load(&line, &[]).unwrap_err();
        assert!(problems[0].starts_with("--environments: ") && !problems[0].contains("hidden"), "{problems:?}");
    }
}
