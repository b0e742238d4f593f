//! Bodies: the same bytes plain and compressed, shared between versions, tags by content.

use std::io::Read as _;

use serde_json::json;
use wigwag_live::{Part, State, World};

use crate::history::Historian;
use crate::support::{config, env, flag, key_of, segment};

fn world(flags: usize) -> (Historian, World) {
    let historian = Historian::default();
    historian.log.commit(vec![env("e", &[key_of("sdk-e", None)])]);
    historian.log.commit((0..flags).flat_map(|n| flag(&format!("flag-{n:05}"))).collect());
    historian.log.commit(vec![segment("e", "s", &["é\"\\\u{1}"], &[])]);
    let world = World::rebuild(historian.log.state());
    (historian, world)
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // A decoder of a single member, as strict clients have it: nothing may follow.
    let mut decoder = flate2::read::GzDecoder::new(bytes);
    decoder.read_to_end(&mut out).unwrap();
    assert!(decoder.into_inner().is_empty());
    out
}

#[test]
fn compressed_bodies_are_one_gzip_member_of_the_plain_ones() {
    for flags in [0, 1, 63, 64, 65, 1000] {
        let (_, world) = world(flags);
        let (_, snapshot) = world.envs().next().unwrap();
        for part in [Part::All, Part::Flags, Part::Segments] {
            let plain = snapshot.body(part).concat();
            assert_eq!(plain.len() as u64, snapshot.body(part).len());
            assert_eq!(gunzip(&snapshot.gzip(part).concat()), plain);
        }
        let all: serde_json::Value = serde_json::from_slice(&snapshot.body(Part::All).concat()).unwrap();
        assert_eq!(all["flags"].as_object().unwrap().len(), flags);
        assert_eq!(all["segments"]["s"]["included"], json!(["é\"\\\u{1}"]));
        let put = String::from_utf8(snapshot.put_event().concat()).unwrap();
        assert_eq!(put, format!("event: put\ndata: {{\"path\":\"/\",\"data\":{all}}}\n\n"));
        if let Some(item) = snapshot.flags().get("flag-00000") {
            assert_eq!(gunzip(&item.gzip().concat()), item.json().to_vec());
        }
    }
}

#[test]
fn a_change_shares_what_it_did_not_touch() {
    let (historian, mut world) = world(1000);
    let (name, before) = world.envs().next().map(|(name, s)| (name, s.clone())).unwrap();
    before.put_event();
    historian.log.commit(vec![config("e", "flag-00500", false, &[])]);
    world.apply(historian.log.after(world.seq()).remove(0));
    let after = world.env(&name).unwrap();
    let pieces = |snapshot: &wigwag_live::EnvSnapshot| {
        let payload = snapshot.put_event().clone();
        (0..).map_while(move |n| payload.piece(n).cloned()).collect::<Vec<_>>()
    };
    let (old, new) = (pieces(&before), pieces(after));
    let shared = |piece: &bytes::Bytes| old.iter().any(|o| std::ptr::eq(o.as_ptr(), piece.as_ptr()));
    // Besides the text between items, which is copied.
    let fresh = new.iter().filter(|piece| piece.len() > 4096 && !shared(piece)).count();
    assert!(new.len() > 30);
    assert_eq!(fresh, 1);
}

#[test]
fn tags_follow_the_content_and_nothing_else() {
    let (historian, mut world) = world(10);
    let tag = |world: &World, part| world.envs().next().unwrap().1.etag(part).to_owned();
    let before = (tag(&world, Part::All), tag(&world, Part::Flags), tag(&world, Part::Segments));
    // The same content under another sequence.
    let state = State { seq: 77, ..historian.log.state() };
    assert_eq!(tag(&World::rebuild(state), Part::All), before.0);
    // A segment.
    historian.log.commit(vec![segment("e", "s", &["u"], &[])]);
    world.apply(historian.log.after(world.seq()).remove(0));
    assert_ne!(tag(&world, Part::All), before.0);
    assert_eq!(tag(&world, Part::Flags), before.1);
    assert_ne!(tag(&world, Part::Segments), before.2);
    assert!(before.0.starts_with("W/\""));
}
