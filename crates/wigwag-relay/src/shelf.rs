//! What was last known to be good, on disk: a relay that starts without its upstream serves it.
//!
//! Two files an environment, named and written as in the archives of sdk-protocol.md 9.4, so that an unpacked
//! archive can be laid here as well. They hold keys: nobody else may read them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use wigwag_live::MirrorItem;

use crate::rep::EnvRep;
use crate::wire::Data;

/// A directory with a snapshot of each environment.
#[derive(Clone)]
pub(crate) struct Shelf(PathBuf);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct About {
    env: EnvRep,
    #[serde(default)]
    data_id: String,
}

impl Shelf {
    /// The directory, made if it is missing.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        Ok(Self(dir.to_owned()))
    }

    /// Every environment that can be read; of the others a warning is left.
    pub(crate) fn load(&self) -> Vec<(EnvRep, Vec<MirrorItem>)> {
        let listed =
            fs::read_dir(&self.0).map(|entries| entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
        let data = |path: &PathBuf| path.to_string_lossy().ends_with(DATA);
        let read = |path: &PathBuf| {
            load(path)
                .inspect_err(|error| tracing::warn!(path = %path.display(), %error, "a snapshot cannot be read"))
                .ok()
        };
        listed.unwrap_or_default().iter().filter(|path| data(path)).filter_map(read).collect()
    }

    /// Replaces what is kept of an environment. Blocks.
    pub(crate) fn save(&self, env: &EnvRep, data_id: u64, data: &[Bytes]) -> io::Result<()> {
        let name = file_name(&env.id);
        let about = About { env: env.clone(), data_id: data_id.to_string() };
        self.replace(&format!("{name}.json"), &[serde_json::to_vec(&about)?.into()])?;
        self.replace(&format!("{name}{DATA}"), data)
    }

    /// Forgets an environment.
    pub(crate) fn remove(&self, id: &str) {
        let name = file_name(id);
        for file in [format!("{name}{DATA}"), format!("{name}.json")] {
            let _absent = fs::remove_file(self.0.join(file));
        }
    }

    /// Whole or not at all, also when the machine goes down in between.
    fn replace(&self, name: &str, pieces: &[Bytes]) -> io::Result<()> {
        let draft = self.0.join(format!("{name}.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        pieces.iter().try_for_each(|piece| file.write_all(piece))?;
        file.sync_all()?;
        fs::rename(&draft, self.0.join(name))?;
        File::open(&self.0)?.sync_all()
    }
}

const DATA: &str = "-data.json";

fn load(data: &Path) -> io::Result<(EnvRep, Vec<MirrorItem>)> {
    let about = data.to_string_lossy().strip_suffix(DATA).map(|stem| format!("{stem}.json")).unwrap_or_default();
    let about: About = serde_json::from_slice(&fs::read(about)?)?;
    let text = fs::read(data)?;
    Ok((about.env, serde_json::from_slice::<Data<'_>>(&text)?.items()?))
}

/// Ids are 24 hex digits as a rule; whatever else a server may send must not leave the directory.
fn file_name(id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("_{:x}", u32::from(c)) };
    id.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_saved_is_there_again() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        let env = EnvRep { id: "../up".to_owned(), env_key: "test".to_owned(), version: 3, ..EnvRep::default() };
        let data = |json: &'static str| [Bytes::from_static(b"{\"flags\":"), Bytes::from_static(json.as_bytes())];
        shelf.save(&env, 1, &data(r#"{"a":{"version":1}},"segments":{}}"#)).unwrap();
        shelf.save(&env, 2, &data(r#"{"a":{"version":2}},"segments":{"s":{"version":7}}}"#)).unwrap();
        fs::write(dir.path().join("broken-data.json"), "{").unwrap();
        let mut loaded = shelf.load();
        assert_eq!(loaded.len(), 1);
        let (found, items) = loaded.remove(0);
        assert_eq!(found, env);
        assert_eq!(items.iter().map(|item| (&*item.key, item.version)).collect::<Vec<_>>(), [("a", 2), ("s", 7)]);
        shelf.remove(&env.id);
        assert!(shelf.load().is_empty());
        assert!(dir.path().join("broken-data.json").exists());
    }
}
