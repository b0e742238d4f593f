//! Cookies of requests, which may hold anything.

use http::HeaderMap;
use http::header::COOKIE;
use proptest::prelude::*;
use wigwag_auth::{COOKIE as SESSION, Cookie};

const A: Cookie = Cookie::named("a", "__Host-a");

fn headers(fields: &[Vec<u8>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for field in fields {
        if let Ok(value) = http::HeaderValue::from_bytes(field) {
            headers.append(COOKIE, value);
        }
    }
    headers
}

#[test]
fn found_among_others() {
    for (fields, value) in [
        (&["wigwag_session=abc"][..], Some("abc")),
        (&["a=b; wigwag_session=abc; c=d"], Some("abc")),
        (&["a=b;wigwag_session = abc "], Some("abc")),
        (&["a=b", "wigwag_session=abc"], Some("abc")),
        (&["wigwag_session=; wigwag_session=abc"], Some("abc")),
        (&["wigwag_session=abc; wigwag_session=def"], Some("abc")),
        (&["wigwag_session=a=b"], Some("a=b")),
        (&["xwigwag_session=abc"], None),
        (&["wigwag_sessionx=abc"], None),
        (&["wigwag_session"], None),
        (&["wigwag_session="], None),
        (&["Wigwag_Session=abc"], None),
        (&[""], None),
        (&[], None),
    ] {
        let fields: Vec<Vec<u8>> = fields.iter().map(|f| f.as_bytes().to_vec()).collect();
        assert_eq!(SESSION.value(&headers(&fields), false), value, "{fields:?}");
    }
}

/// Over https only a cookie that a browser keeps for this very host counts: what another site of the same domain
/// plants, or was set before there was the prefix, is none.
#[test]
fn over_https_the_host_alone_sets_it() {
    let set = SESSION.set("abc", 60, true);
    assert_eq!(set, "__Host-wigwag_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    assert_eq!(SESSION.set("", 0, false), "wigwag_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    let both = headers(&[b"wigwag_session=planted; __Host-wigwag_session=abc".to_vec()]);
    assert_eq!((SESSION.value(&both, true), SESSION.value(&both, false)), (Some("abc"), Some("planted")));
    assert_eq!(SESSION.value(&headers(&[b"wigwag_session=planted".to_vec()]), true), None);
}

proptest! {
    /// Whatever is sent, a value is a part of it, without what ends values.
    #[test]
    fn anything_may_be_sent(fields in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..4)) {
        let headers = headers(&fields);
        if let Some(value) = A.value(&headers, false) {
            prop_assert!(!value.is_empty() && !value.contains(';'));
            prop_assert!(fields.iter().any(|f| f.windows(value.len()).any(|w| w == value.as_bytes())));
        }
    }

    /// What is set comes back, whatever surrounds it.
    #[test]
    fn what_is_set_is_found(value in "[!-:<-~]{1,40}", before in "[b-z]{1,5}=[a-z;= ]{0,20}", after in "[ -~]{0,20}") {
        let set = A.set(&value, 60, false);
        let pair = set.split(';').next().unwrap();
        prop_assert_eq!(pair, format!("a={value}"));
        let is_a = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| name.trim() == "a");
        prop_assume!(!before.split(';').any(is_a));
        let field = format!("{before}; {pair}; {after}");
        let headers = headers(&[field.into_bytes()]);
        prop_assert_eq!(A.value(&headers, false), Some(value.as_str()));
    }
}
