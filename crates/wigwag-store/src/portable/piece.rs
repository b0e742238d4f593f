//! What goes through the stream.

use super::schema::Table;
use crate::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use tokio::sync::mpsc;

/// Pieces on their way at once.
pub(super) const WAITING: usize = 8;
/// Rows, and bytes of text, from which on a piece is sent.
const FULL: (usize, usize) = (512, 1 << 20);

/// Where a database stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the newest migration applied.
    pub schema: u64,
    /// The newest change; 0 in an empty log.
    pub sequence: u64,
    /// Its hash (hex), which stands for all before it.
    pub hash: String,
    /// Numbers that are never given twice, by table: the last one given.
    #[serde(default)]
    pub counters: BTreeMap<String, i64>,
}

/// The stream: where the database stood, and its tables one after the other.
pub(super) struct Stream {
    pub(super) head: Head,
    pub(super) tables: Vec<Table>,
    /// Ends early with an error; otherwise each table is announced, in their order, followed by its rows.
    pub(super) pieces: mpsc::Receiver<Result<Piece>>,
}

/// A part of the stream.
#[derive(Debug)]
pub(super) enum Piece {
    /// The next table begins.
    Table,
    /// Rows of it.
    Rows(Vec<Vec<Cell>>),
    /// Everything was sent. A stream that ends without it broke off.
    End,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    const fn weight(&self) -> usize {
        match self {
            Self::Null | Self::Int(_) => 8,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// As a member of a line of JSON; bytes in base64.
impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Int(n) => serializer.serialize_i64(*n),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serializer.serialize_str(&STANDARD.encode(bytes)),
        }
    }
}

/// Gathers rows into pieces.
#[derive(Default)]
pub(super) struct Gathered {
    rows: Vec<Vec<Cell>>,
    weight: usize,
}

impl Gathered {
    /// Adds a row; answers a piece when it is full.
    pub(super) fn add(&mut self, row: Vec<Cell>) -> Option<Piece> {
        self.weight += row.iter().map(Cell::weight).sum::<usize>();
        self.rows.push(row);
        if self.rows.len() < FULL.0 && self.weight < FULL.1 { None } else { self.rest() }
    }

    /// What is left, if anything is.
    pub(super) fn rest(&mut self) -> Option<Piece> {
        self.weight = 0;
        let rows = std::mem::take(&mut self.rows);
        (!rows.is_empty()).then_some(Piece::Rows(rows))
    }
}
