//! The three places a setting can come from, weakest first: file, environment, flags.

use std::collections::BTreeMap;
use std::fmt;

use super::setting::{From, SETTINGS, Setting};

/// Looks up an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Flags as given on the command line, by the name of their setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub BTreeMap<&'static str, String>);

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The command line.
    Flag,
    /// The environment.
    Environment,
    /// A variable of the environment that is not ours alone.
    CommonVariable(&'static str),
    /// The file of this path.
    File(String),
    /// Nowhere: it is the default.
    Default,
}

/// Something wrong with the configuration: which option, where it was set, how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the setting, or of what was taken for one.
    pub option: String,
    /// Where it was set.
    pub place: Place,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variable = || find_variable(&self.option);
        match &self.place {
            Place::Flag => write!(f, "--{} (flag): {}", self.option, self.message),
            Place::Environment => write!(f, "{} (environment): {}", variable(), self.message),
            Place::CommonVariable(name) => write!(f, "{name} (environment): {}", self.message),
            Place::File(path) => write!(f, "{} (file {path}): {}", self.option, self.message),
            Place::Default => write!(f, "{} (default): {}", self.option, self.message),
        }
    }
}

fn find_variable(option: &str) -> String {
    super::setting::find(option).map_or_else(|| option.to_owned(), Setting::variable)
}

/// A value as text and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// As written.
    pub(super) text: String,
    /// Where.
    pub(super) place: Place,
}

/// All layers, read once.
pub(super) struct Layers<'a> {
    flags: &'a Flags,
    environment: Environment<'a>,
    file: BTreeMap<&'static str, String>,
    path: String,
}

impl<'a> Layers<'a> {
    /// Reads the file that flags or environment name, if any. What is wrong with it goes to `problems`.
    #[must_use]
    pub(super) fn read(flags: &'a Flags, environment: Environment<'a>, problems: &mut Vec<Problem>) -> Self {
        let mut layers = Self { flags, environment, file: BTreeMap::new(), path: String::new() };
        if let Some(found) = super::setting::find("config").and_then(|s| layers.find(s)) {
            layers.path.clone_from(&found.text);
            match std::fs::read_to_string(&found.text) {
                Ok(text) => layers.read_file(&text, problems),
                Err(e) => {
                    let message = format!("cannot read {}: {e}; give the path of a TOML file", found.text);
                    problems.push(Problem { option: "config".to_owned(), place: found.place, message });
                }
            }
        }
        layers
    }

    fn read_file(&mut self, text: &str, problems: &mut Vec<Problem>) {
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(e) => {
                let message = format!("is not TOML: {}", e.to_string().trim_end().replace('\n', " / "));
                problems.push(self.file_problem("config", message));
                return;
            }
        };
        for (name, value) in table {
            let Some(setting) = super::setting::find(&name) else {
                problems.push(self.file_problem(&name, unknown(&name)));
                continue;
            };
            let text = match (setting.from, value) {
                (From::Table, toml::Value::Table(table)) => serde_json::json!(table).to_string(),
                (From::Table, other) => {
                    let message = format!("is a {}; write a table", other.type_str());
                    problems.push(self.file_problem(&name, message));
                    continue;
                }
                (From::Anywhere, toml::Value::String(text)) => text,
                (From::Anywhere, toml::Value::Integer(n)) => n.to_string(),
                (From::Anywhere, toml::Value::Float(n)) => n.to_string(),
                (From::Anywhere, other) => {
                    let message = format!("is a {}; write a string or a number", other.type_str());
                    problems.push(self.file_problem(&name, message));
                    continue;
                }
                (From::NotFile, _) => {
                    problems.push(self.file_problem(&name, "cannot be set in the file; remove it".to_owned()));
                    continue;
                }
                (From::EnvironmentOnly, _) => {
                    let message = format!("is read from the environment only; set {}", setting.variable());
                    problems.push(self.file_problem(&name, message));
                    continue;
                }
            };
            self.file.insert(setting.name, text);
        }
    }

    fn file_problem(&self, option: &str, message: String) -> Problem {
        Problem { option: option.to_owned(), place: Place::File(self.path.clone()), message }
    }

    /// The strongest value that was set. An empty text counts as not set.
    #[must_use]
    pub(super) fn find(&self, setting: &Setting) -> Option<Found> {
        let set = |text: String, place| (!text.is_empty()).then_some(Found { text, place });
        self.flags
            .0
            .get(setting.name)
            .and_then(|text| set(text.clone(), Place::Flag))
            .or_else(|| (self.environment)(&setting.variable()).and_then(|text| set(text, Place::Environment)))
            .or_else(|| {
                let common = setting.common_variable()?;
                (self.environment)(common).and_then(|text| set(text, Place::CommonVariable(common)))
            })
            .or_else(|| self.file.get(setting.name).and_then(|t| set(t.clone(), Place::File(self.path.clone()))))
    }
}

/// What to say of a name that is no setting.
fn unknown(name: &str) -> String {
    let known = || SETTINGS.iter().filter(|s| s.from.is_file()).map(|s| s.name);
    let dashed = name.replace('_', "-");
    match known().find(|k| *k == dashed || k.starts_with(&dashed)) {
        Some(meant) => format!("is not a setting; did you mean {meant}?"),
        None => format!("is not a setting; there are: {}", known().collect::<Vec<_>>().join(", ")),
    }
}
