#![allow(clippy::unwrap_used, clippy::panic)]
use super::Pattern;

fn check(pattern: &str, hits: &[&str], misses: &[&str]) {
    let regex = Pattern::new(pattern);
    assert!(regex.is_some(), "{pattern} should be valid");
    let regex = regex.unwrap();
    for text in hits {
        assert!(regex.is_match(text), "{pattern} should match {text:?}");
    }
    for text in misses {
        assert!(!regex.is_match(text), "{pattern} should not match {text:?}");
    }
}

#[test]
fn common_ground_stays_as_it_is() {
    check("^a.c$", &["abc", "a\rc", "a\u{2028}c", "a🚦c"], &["a\nc", "abc\n", "xabc"]);
    check("(foo|ba[rz])+?x{2,3}", &["foobarxx"], &["foobarx"]);
    check("(?i)straße|(?P<n>b)(?<m>c)", &["STRAßE", "bc"], &["cb"]);
    check(r"\.\*\_\-\<\xe9\x{1F6A6}\101\0\t\v\a", &[".*_-<é🚦A\0\t\x0B\x07"], &[]);
    check(r"\Aab\z", &["ab"], &["ab\n"]);
    check("(?s:.)(?-s:.)()", &["\na"], &["a\n"]);
    check("", &["", "x"], &[]);
}

#[test]
fn perl_classes_are_ascii() {
    check(r"^\d$", &["5"], &["٥"]);
    check(r"^[\d_x-z]$", &["5", "_", "y"], &["٥", "-"]);
    check(r"^\w$", &["k"], &["é", "\u{212A}"]);
    check(r"^(?i)\w$", &["k", "\u{212A}"], &["é"]);
    check(r"^\W$", &["é"], &["k"]);
    check(r"^\s$", &[" ", "\t", "\x0C"], &["\x0B", "\u{A0}"]);
    check(r"^[^\s]$", &["\x0B", "\u{A0}"], &[" "]);
    check(r"é\bx", &["éx"], &[]);
    check(r"a\Bé", &[], &["aé"]);
    check(r"é\B!", &["é!"], &[]);
}

#[test]
fn classes_have_no_set_operations() {
    check("^[a-z&&[c]$", &["&", "[", "c", "b"], &["]"]);
    check("^[[a]b]$", &["[b]", "ab]"], &["a", "b"]);
    check("^[+--b~~]$", &["+", ",", "-", "b", "~"], &["a"]);
    check("^[]x]$", &["]", "x"], &["y"]);
    check("^[^]x]$", &["y"], &["]", "x"]);
    check("^[[:alpha:]-]$", &["a", "-"], &["0", ":"]);
    check("^[[:^alpha:]]$", &["0"], &["a"]);
    check("^[[:]$", &["[", ":"], &["]"]);
    check(r"^[\p{Greek}\PL]$", &["α", "1"], &["a"]);
    check(r"^\p{^Greek}\pL\p{Lu}$", &["aaA"], &["αaA", "aaa"]);
}

#[test]
fn quoting_braces_and_octals() {
    check(r"^\Qa.b*\E+$", &["a.b***"], &["axb"]);
    check(r"\Q(open", &["(open"], &[]);
    check("^a{b}{,2}{01}{$", &["a{b}{,2}{01}{"], &[]);
    check("^(?)a{2}$", &["aa"], &["a"]);
    check(r"^\141\12$", &["a\n"], &[]);
}

#[test]
fn what_re2_refuses_is_refused() {
    for pattern in [
        "a**",
        "a++",
        "a?*",
        "a{2}{3}",
        "a{1001}",
        "a{2,1}",
        "a{99999999999}",
        "(a{100}){11}",
        "((a{10}){10}x){11}",
        r"\u0041",
        r"\<a\c",
        r"\1",
        r"\8",
        r"\E",
        r"\C",
        r"\Z",
        r"\pé",
        r"\p{greek}",
        r"\p{Alphabetic}",
        "(?x)a",
        "(?u)a",
        "(?=a)",
        "(?!a)",
        "(?<=a)b",
        "(?<!a)b",
        "(?>a)",
        "(?P=n)",
        "(?P<n>a)(?P<n>b)",
        "(?P<>a)",
        "(?i-)a",
        "(?i",
        "(",
        ")",
        "a)",
        "[",
        "[]",
        "[a",
        "[z-a]",
        r"[a-\d]",
        r"[\b]",
        r"[\Qa\E]",
        "[[:nope:]]",
        "*a",
        "|*",
        r"\",
        r"\xg",
        r"\x{}",
        r"\x{110000}",
    ] {
        assert!(Pattern::new(pattern).is_none(), "{pattern} should be refused");
    }
    assert!(Pattern::new("(a{100}){10}").is_some());
    assert!(Pattern::new("a{1000}").is_some());
}

#[test]
fn small_and_large_automatons_agree() {
    let texts = ["", "a", "abc", "ABC", "é", "🚦", "a\nb", "robin@example.com", "x_9", "\u{212A}"];
    let patterns =
        ["^[a-z]+@example\\.(com|org)$", "a.c", "(?i)k", "\\bx", "^.$", "\\W", "", "b|$", "(?m)^b", "\\Ba", "[^a]\\z"];
    for pattern in patterns {
        let small = Pattern::new(pattern).unwrap();
        match small {
            Pattern::Tiny(_) => {}
            Pattern::Small(_) => assert!(["", "b|$"].contains(&pattern), "{pattern}"),
            Pattern::Large(_) => panic!("{pattern}"),
        }
        let large = regex::Regex::new(&super::translate::translate(pattern).unwrap()).unwrap();
        for text in texts {
            assert_eq!(small.is_match(text), large.is_match(text), "{pattern} {text}");
        }
    }
    assert!(matches!(Pattern::new("\\p{L}{20}"), Some(Pattern::Large(_))));
    let middling = Pattern::new("^a{80}$").unwrap();
    assert!(matches!(middling, Pattern::Small(_)));
    assert!(middling.is_match(&"a".repeat(80)) && !middling.is_match(&"a".repeat(81)));
}

#[test]
fn long_texts_are_decided_wherever_the_match_is() {
    for pattern in ["b", "bc", "b$", "^[^b]*b[^b]*$", "(?m)b$"] {
        let (tiny, large) = (Pattern::new(pattern).unwrap(), regex::Regex::new(pattern).unwrap());
        for at in 0..40 {
            let mut text = "a".repeat(at) + "bc" + &"a".repeat(39 - at);
            assert_eq!(tiny.is_match(&text), large.is_match(&text), "{pattern} {text}");
            text.truncate(at + 1);
            assert_eq!(tiny.is_match(&text), large.is_match(&text), "{pattern} {text}");
        }
    }
}
