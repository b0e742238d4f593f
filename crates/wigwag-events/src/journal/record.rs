//! A batch as it stands in a segment: length, checksum, what its header fields told, and its body.

use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use wigwag_sdk::{Credential, EventBatch, Origin};

/// Bytes before the payload: its length and its CRC-32, both little-endian.
pub(super) const FRAME: usize = 8;
/// Payloads are shorter; a length beyond is damage.
const MAX_PAYLOAD: usize = 1 << 30;

const UNSUMMARISED: u8 = 1;
const NAMED: u8 = 2;

/// The frame of a batch without its body, which follows it as it is.
pub(super) fn head(batch: &EventBatch) -> Vec<u8> {
    let origin = &batch.origin;
    let mut out = vec![0; FRAME];
    out.extend_from_slice(&batch.received.to_le_bytes());
    out.push(batch.schema);
    let flags = if batch.unsummarised { UNSUMMARISED } else { 0 } | if batch.payload_id.is_some() { NAMED } else { 0 };
    out.push(flags);
    out.push(match origin.credential {
        Credential::Server => 0,
        Credential::Mobile => 1,
        Credential::Client => 2,
    });
    let texts: [&str; 7] = [
        &batch.env,
        batch.payload_id.as_deref().unwrap_or_default(),
        &batch.application,
        &origin.sdk,
        &origin.sdk_version,
        &origin.application_id,
        &origin.application_version,
    ];
    for text in texts {
        // Header fields and ids: far shorter; what is not is cut by whom it came through.
        let length = u16::try_from(text.len()).unwrap_or(0);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&text.as_bytes()[..usize::from(length)]);
    }
    let payload = out.len() - FRAME + batch.body.len();
    let mut sum = crc32fast::Hasher::new();
    sum.update(&out[FRAME..]);
    sum.update(&batch.body);
    out[..4].copy_from_slice(&u32::try_from(payload).unwrap_or(u32::MAX).to_le_bytes());
    out[4..FRAME].copy_from_slice(&sum.finalize().to_le_bytes());
    out
}

/// What stands where a record may begin.
#[derive(Debug)]
pub(super) enum Found {
    /// A record, and how many bytes it takes.
    Record(Box<EventBatch>, usize),
    /// The beginning of one that takes so many bytes in all.
    Partial(usize),
    /// No record.
    Damaged,
}

/// The record at the beginning of `bytes`. Its body is a slice of them.
pub(super) fn first(bytes: &Bytes) -> Found {
    let Some((length, sum)) = bytes.get(..FRAME).map(|frame| (word(&frame[..4]), word(&frame[4..]))) else {
        return Found::Partial(FRAME);
    };
    let length = length as usize;
    if length == 0 || length > MAX_PAYLOAD {
        return Found::Damaged;
    }
    let Some(payload) = bytes.get(FRAME..FRAME + length) else { return Found::Partial(FRAME + length) };
    if crc32fast::hash(payload) != sum {
        return Found::Damaged;
    }
    match batch(bytes.slice(FRAME..FRAME + length)) {
        Some(batch) => Found::Record(Box::new(batch), FRAME + length),
        None => Found::Damaged,
    }
}

fn word(bytes: &[u8]) -> u32 {
    bytes.try_into().map_or(0, u32::from_le_bytes)
}

fn batch(mut from: Bytes) -> Option<EventBatch> {
    if from.len() < 11 {
        return None;
    }
    let (received, schema, flags) = (from.get_i64_le(), from.get_u8(), from.get_u8());
    let credential = match from.get_u8() {
        0 => Credential::Server,
        1 => Credential::Mobile,
        2 => Credential::Client,
        _ => return None,
    };
    let env = Arc::from(text(&mut from)?.as_ref());
    let payload_id = text(&mut from)?;
    let application = text(&mut from)?;
    let origin = Origin {
        credential,
        sdk: text(&mut from)?,
        sdk_version: text(&mut from)?,
        application_id: text(&mut from)?,
        application_version: text(&mut from)?,
    };
    Some(EventBatch {
        env,
        body: from,
        payload_id: (flags & NAMED != 0).then_some(payload_id),
        schema,
        unsummarised: flags & UNSUMMARISED != 0,
        application,
        origin,
        received,
    })
}

fn text(from: &mut Bytes) -> Option<Box<str>> {
    if from.len() < 2 {
        return None;
    }
    let length = usize::from(from.get_u16_le());
    if from.len() < length {
        return None;
    }
    let bytes = from.split_to(length);
    std::str::from_utf8(&bytes).ok().map(Box::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn some() -> EventBatch {
        EventBatch {
            env: "env".into(),
            body: Bytes::from_static(b"[{\"kind\":\"index\"}]"),
            payload_id: Some("p".into()),
            schema: 4,
            unsummarised: true,
            application: "shop".into(),
            origin: Origin {
                credential: Credential::Client,
                sdk: "JSClient".into(),
                sdk_version: "3".into(),
                application_id: "shop".into(),
                application_version: "1.2".into(),
            },
            received: 1_700_000_000_000,
        }
    }

    #[test]
    fn records_come_back_whole() {
        for batch in [some(), EventBatch { payload_id: None, unsummarised: false, ..some() }] {
            let bytes = Bytes::from([head(&batch), batch.body.to_vec(), b"next".to_vec()].concat());
            let Found::Record(found, length) = first(&bytes) else { panic!("no record") };
            assert_eq!(length, bytes.len() - 4);
            assert_eq!(format!("{found:?}"), format!("{batch:?}"));
        }
    }

    #[test]
    fn damage_is_seen_wherever_it_is() {
        let batch = some();
        let whole = [head(&batch), batch.body.to_vec()].concat();
        for at in 4..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x20;
            assert!(matches!(first(&bytes.into()), Found::Damaged), "byte {at}");
        }
        for length in 0..whole.len() {
            let found = first(&whole[..length].to_vec().into());
            let want = if length < FRAME { FRAME } else { whole.len() };
            assert!(matches!(found, Found::Partial(n) if n == want), "{length} bytes: {found:?}");
        }
        assert!(matches!(first(&Bytes::from(vec![0; 64])), Found::Damaged));
    }
}
