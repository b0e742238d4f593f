//! The files of the console by name.

use std::collections::HashMap;

use bytes::Bytes;

/// What `build.rs` found, as names below `web/dist` with their contents.
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// A set of built files.
#[derive(Default)]
pub struct Files(HashMap<String, Bytes>);

/// Those in this binary; none when it was compiled without a built console.
#[must_use]
pub fn embedded() -> Files {
    Files::new(EMBEDDED.iter().map(|(name, bytes)| (*name, Bytes::from_static(bytes))))
}

impl Files {
    /// Of names below the built folder, such as `assets/index-4f3a.js`. Names that end in `.br` and `.gz` are packed
    /// forms of the file before the ending.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, Bytes)>) -> Self {
        Self(files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect())
    }

    /// A file as it was built.
    pub(crate) fn file(&self, name: &str) -> Option<&Bytes> {
        self.0.get(name)
    }

    /// A packed form of a file.
    pub(crate) fn packed(&self, name: &str, ending: &str) -> Option<&Bytes> {
        self.0.get(&format!("{name}.{ending}"))
    }
}
