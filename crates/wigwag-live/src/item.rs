//! One flag or segment as SDKs get it: encoded once, compiled when first evaluated.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use wigwag_eval::dependents::Item as Reference;
use wigwag_eval::{CompiledFlag, CompiledSegment};
use wigwag_model::flag::Flag;
use wigwag_model::segment::Segment;

use crate::clients::FlagText;
use crate::deflate::{Deflated, Gzip};
use crate::payload::Payload;

/// 128 bits that stand for an item's bytes.
pub type Digest = [u8; 16];

/// What is known of an item besides its wire JSON.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The change that wrote it.
    pub seq: u64,
    /// The flags and segments that it refers to directly.
    pub refers_to: Box<[Reference]>,
    /// Whether SDKs with a mobile key may see it.
    pub mobile: bool,
    /// Whether SDKs with a client-side ID may see it.
    pub browser: bool,
    /// Keys of the views that it is linked to.
    pub views: Box<[Box<str>]>,
    /// What it is asked by, if it is a segment whose members are kept elsewhere.
    pub big: Option<Big>,
}

/// How the members of a big segment are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Big {
    /// Counts how often its lists began anew.
    pub generation: i64,
    /// The kind of context whose keys are its members.
    pub kind: Box<str>,
}

/// A published flag or segment. `C` is its compiled form.
pub struct Item<C> {
    key: Box<str>,
    version: u64,
    json: Bytes,
    about: About,
    digest: OnceLock<Digest>,
    gzip: OnceLock<Payload>,
    compiled: OnceLock<C>,
    text: OnceLock<Box<FlagText>>,
}

impl<C> Item<C> {
    /// An item from its wire JSON on one line (sdk-protocol.md 4).
    #[must_use]
    pub const fn new(key: Box<str>, version: u64, json: Bytes, about: About) -> Self {
        Self {
            key,
            version,
            json,
            about,
            digest: OnceLock::new(),
            gzip: OnceLock::new(),
            compiled: OnceLock::new(),
            text: OnceLock::new(),
        }
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &str {
        &self.key
    }

    /// The version SDKs order updates by.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// What else is known of it.
    #[must_use]
    pub const fn about(&self) -> &About {
        &self.about
    }

    /// Its wire JSON, shared by every payload and patch.
    #[must_use]
    pub const fn json(&self) -> &Bytes {
        &self.json
    }

    /// Its wire JSON as a body.
    #[must_use]
    pub fn payload(&self) -> Payload {
        Payload::new(vec![self.json.clone()])
    }

    /// Its wire JSON as a gzip stream, made once.
    pub fn gzip(&self) -> &Payload {
        self.gzip.get_or_init(|| {
            let mut gzip = Gzip::new();
            gzip.push(&Deflated::compress(&self.json));
            Payload::new(gzip.finish())
        })
    }

    /// A digest of its wire JSON, made once: ETags are built from these.
    pub fn digest(&self) -> &Digest {
        self.digest.get_or_init(|| {
            let full = Sha256::digest(&self.json);
            let mut short = Digest::default();
            short.copy_from_slice(&full[..16]);
            short
        })
    }
}

impl<C: Compile> Item<C> {
    /// Its compiled form, made when first asked for: most items of most environments are only sent.
    pub fn compiled(&self) -> &C {
        self.compiled.get_or_init(|| C::compile(&self.key, &self.json))
    }
}

impl Item<CompiledFlag> {
    /// What client-side SDKs are sent of it, made when first asked for.
    pub(crate) fn text(&self) -> &FlagText {
        self.text.get_or_init(|| Box::new(FlagText::new(self.compiled())))
    }
}

/// What can be made from an item's wire JSON for evaluation.
pub trait Compile: Sized {
    /// The compiled form of the item `key`. JSON that cannot be read (ours always can) counts as deleted.
    fn compile(key: &str, json: &[u8]) -> Self;
}

impl Compile for CompiledFlag {
    fn compile(key: &str, json: &[u8]) -> Self {
        let gone = || Flag { key: key.to_owned(), deleted: true, ..Flag::default() };
        Self::new(Arc::new(serde_json::from_slice(json).unwrap_or_else(|_| gone())))
    }
}

impl Compile for CompiledSegment {
    fn compile(key: &str, json: &[u8]) -> Self {
        let gone = || Segment { key: key.to_owned(), deleted: true, ..Segment::default() };
        Self::new(Arc::new(serde_json::from_slice(json).unwrap_or_else(|_| gone())))
    }
}

impl<C> PartialEq for Item<C> {
    /// Same key, version and bytes; whether either was compiled does not matter.
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.version == other.version && self.json == other.json
    }
}

impl<C> std::fmt::Debug for Item<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} v{} {}", self.key, self.version, String::from_utf8_lossy(&self.json))
    }
}
