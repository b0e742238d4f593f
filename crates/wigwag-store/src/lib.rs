//! Documents, versions, index facts and the change log on SQLite or PostgreSQL.
//!
//! Every accepted change writes, in one transaction, the new state of its documents, a version row
//! for each and one row of the log, which is the audit log and the feed at once. Documents are JSON
//! text that no statement looks into; what lists ask for is in index facts that the document's kind
//! derives. The log is hash-chained, and any document can be read as of any sequence or time.

mod chain;
mod change;
mod check;
mod compact;
mod config;
mod deliveries;
mod dialect;
mod doc;
mod error;
mod facts;
mod key;
mod list;
pub mod lock;
mod members;
mod migrate;
mod nodes;
mod plan;
pub mod portable;
mod postgres;
mod query;
mod queue;
mod read;
mod recent;
mod sign_in;
mod sql;
mod sqlite;
mod steps;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod volume;

pub use change::{ChangeQuery, ChangeRow, Commit, Committed, Expect, Holders, NewChange, Write, WriteOp};
pub use check::{Archive, Chain, Encryption, Problem, ServerSurvey, Survey, integrity, survey, verify_lines};
pub use compact::{Compacted, compact};
pub use config::{ServerLimits, StoreConfig};
pub use deliveries::{
    AttemptOutcome, Delivery, DeliveryAttempt, DeliveryReason, DeliveryState, DeliverySummary, NewDelivery, NextTry,
};
pub use doc::{At, Doc, FeedDoc, FeedRow, VersionRow};
pub use error::{Result, StoreError};
pub use facts::{CREATED, IndexFacts, KEY, MAX_FACT, MAX_UNIQUE};
pub use key::{DocKey, MAX_KEY_PART, MAX_MEMBER, Scope};
pub use members::{
    MemberCounts, MemberDone, MemberList, MemberOp, MemberPlace, MemberRow, MemberSet, MemberWrite, Membership,
    StagedMembers,
};
pub use migrate::newest as newest_schema;
pub use nodes::{Beat, Node, Tries, Turn};
pub use postgres::check_address as check_server_address;
pub use query::{ListQuery, Listing, Predicate, Sort};
pub use sign_in::{Pass, SessionRow};
pub use store::Store;
pub use volume::Volume;
