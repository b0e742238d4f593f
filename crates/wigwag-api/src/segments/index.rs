//! What lists can ask of segments: `read::segment_index`, because links to views are part of them.

pub(super) use crate::read::{SEGMENT_EXPIRES_AT as EXPIRES_AT, segment_index as of};
