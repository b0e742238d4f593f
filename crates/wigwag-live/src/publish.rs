//! From stored documents to published items, and from items to what streams are told.

use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use wigwag_eval::dependents::{self, Item as Reference};
use wigwag_model::{doc, publish};

use crate::item::{About, Big, Item};
use crate::snapshot::{FlagItem, SegmentItem};
use crate::update::Op;
use crate::world::Stored;

/// Reads a document. One that cannot be read is logged and treated as absent: it must not take the
/// rest of its environment with it.
pub(crate) fn decode<T: DeserializeOwned>(what: &'static str, body: &str) -> Option<T> {
    serde_json::from_str(body)
        .inspect_err(|error| tracing::error!(kind = what, %error, "stored document cannot be read"))
        .ok()
}

/// The flag `key` as published; `None` when there is none, or it is archived.
pub(crate) fn flag(key: &str, flag: Option<&Arc<str>>, config: &Stored) -> Option<Arc<FlagItem>> {
    flag_of(key, &decode::<doc::Flag>("flag", flag?)?, config)
}

/// The same from a flag that has been read.
pub(crate) fn flag_of(key: &str, flag: &doc::Flag, config: &Stored) -> Option<Arc<FlagItem>> {
    let body = decode::<doc::FlagConfig>("flag-config", config.body.as_ref()?)?;
    let wire = publish::flag(flag, &body, config.version)?;
    let about = About { views: views(&flag.views), ..about_flag(&wire, config.seq) };
    Some(Arc::new(Item::new(key.into(), config.version, encode(&wire)?, about)))
}

/// What is to be known of a flag that the change `seq` wrote.
pub(crate) fn about_flag(wire: &wigwag_model::flag::Flag, seq: u64) -> About {
    let availability = wire.client_side_availability;
    About {
        seq,
        refers_to: dependents::of_flag(wire),
        mobile: availability.using_mobile_key,
        browser: availability.using_environment_id,
        ..About::default()
    }
}

/// The segment `key` as published.
pub(crate) fn segment(key: &str, stored: &Stored) -> Option<Arc<SegmentItem>> {
    let body = decode::<doc::Segment>("segment", stored.body.as_ref()?)?;
    let views = views(&body.views);
    let wire = publish::segment_from(body, stored.version);
    let about = About { views, ..about_segment(&wire, stored.seq) };
    Some(Arc::new(Item::new(key.into(), stored.version, encode(&wire)?, about)))
}

fn views(links: &[doc::ViewLink]) -> Box<[Box<str>]> {
    links.iter().map(|link| link.key.as_str().into()).collect()
}

/// What is to be known of a segment that the change `seq` wrote.
pub(crate) fn about_segment(wire: &wigwag_model::segment::Segment, seq: u64) -> About {
    let kind = wire.unbounded_context_kind.as_deref().filter(|kind| !kind.is_empty()).unwrap_or("user");
    let big = |generation| Big { generation, kind: kind.into() };
    let big = wire.generation.filter(|_| wire.unbounded).map(big);
    About { seq, refers_to: dependents::of_segment(wire), big, ..About::default() }
}

fn encode<T: serde::Serialize>(wire: &T) -> Option<Bytes> {
    let encoded = serde_json::to_vec(wire).inspect_err(|error| tracing::error!(%error, "item cannot be encoded"));
    // Exactly as long as needed: it is kept for as long as the item lives.
    encoded.ok().map(|json| Bytes::from(json.into_boxed_slice()))
}

/// What streams must be told about a flag, if anything.
pub(crate) fn flag_op(key: &str, new: Option<Arc<FlagItem>>, version: u64, old: Option<&Arc<FlagItem>>) -> Option<Op> {
    match (new, old) {
        (Some(new), Some(old)) if new == *old => None,
        (Some(new), _) => Some(Op::Flag(new)),
        (None, Some(old)) => Some(Op::FlagGone { key: key.into(), version: version.max(old.version() + 1) }),
        (None, None) => None,
    }
}

/// What streams must be told about a segment, if anything.
pub(crate) fn segment_op(
    key: &str,
    new: Option<Arc<SegmentItem>>,
    version: u64,
    old: Option<&Arc<SegmentItem>>,
) -> Option<Op> {
    match (new, old) {
        (Some(new), Some(old)) if new == *old => None,
        (Some(new), _) => Some(Op::Segment(new)),
        (None, Some(old)) => Some(Op::SegmentGone { key: key.into(), version: version.max(old.version() + 1) }),
        (None, None) => None,
    }
}

/// Orders what one change did so that nothing refers to what comes later: segments, flags (those that
/// others require first), then flags and segments that are gone.
pub(crate) fn in_order(ops: Vec<Op>) -> Vec<Op> {
    let rank = |op: &Op| match op {
        Op::Segment(_) => 0,
        Op::Flag(_) => 1,
        Op::FlagGone { .. } => 2,
        Op::SegmentGone { .. } => 3,
    };
    let mut ops = ops;
    ops.sort_by_key(rank);
    let segments = ops.iter().take_while(|op| rank(op) == 0).count();
    let flags = ops.iter().skip(segments).take_while(|op| rank(op) == 1).count();
    dependencies_first(&mut ops[..segments]);
    dependencies_first(&mut ops[segments..segments + flags]);
    ops
}

/// Sorts ops of one sort so that each comes after those it refers to. Cycles stay as they are.
fn dependencies_first(ops: &mut [Op]) {
    if ops.len() < 2 {
        return;
    }
    let place: FxHashMap<&str, usize> = ops.iter().enumerate().map(|(n, op)| (op.key(), n)).collect();
    let edges: Vec<Vec<usize>> =
        ops.iter().map(|op| references(op).filter_map(|key| place.get(key).copied()).collect()).collect();
    let sorted: Vec<Op> = depth_first(&edges).into_iter().map(|n| ops[n].clone()).collect();
    ops.clone_from_slice(&sorted);
}

/// Indexes such that each comes after the ones its edges name, without recursion.
fn depth_first(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; edges.len()];
    let mut out = Vec::with_capacity(edges.len());
    for start in 0..edges.len() {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            let (node, at) = (*node, *next);
            *next += 1;
            match edges[node].get(at) {
                Some(&to) if !seen[to] => {
                    seen[to] = true;
                    path.push((to, 0));
                }
                Some(_) => {}
                None => {
                    out.push(node);
                    path.pop();
                }
            }
        }
    }
    out
}

/// Keys of the flags a flag requires, or of the segments a segment mentions.
fn references(op: &Op) -> impl Iterator<Item = &str> {
    let refers_to: &[Reference] = match op {
        Op::Flag(item) => &item.about().refers_to,
        Op::Segment(item) => &item.about().refers_to,
        Op::FlagGone { .. } | Op::SegmentGone { .. } => &[],
    };
    refers_to.iter().filter_map(move |reference| match (op, reference) {
        (Op::Flag(_), Reference::Flag(key)) | (Op::Segment(_), Reference::Segment(key)) => Some(&**key),
        _ => None,
    })
}
