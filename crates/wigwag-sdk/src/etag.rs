//! `If-None-Match`, read as tolerantly as SDKs write it.

use http::HeaderMap;
use http::header::IF_NONE_MATCH;

/// Whether the client already has `etag`: lists, `*`, weak or strong, with or without quotes.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let lists = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").or_else(|| tag.strip_prefix("w/")).unwrap_or(tag).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn any_usual_form_of_the_tag_is_known() {
        let known = |sent: &'static str| {
            is_known(&HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(sent))]), "W/\"abc\"")
        };
        assert!(["W/\"abc\"", "\"abc\"", "abc", "*", "\"x\", W/\"abc\"", " \"abc\" "].into_iter().all(known));
        assert!(!["\"abcd\"", "", "W/\"\"", "\"x\",\"y\""].into_iter().any(known));
        assert!(!is_known(&HeaderMap::new(), "W/\"abc\""));
    }
}
