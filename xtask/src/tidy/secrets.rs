//! No secret in what is tracked: private keys, tokens of well-known services, and words that look made by chance where
//! a secret would stand.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

/// How tokens of services begin, and how many characters follow at least.
const TOKENS: [(&str, usize); 12] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("sk_live_", 20),
    ("AIza", 35),
    ("npm_", 36),
];
/// Names of what is given a secret.
const NAMES: [&str; 7] = ["secret", "password", "passwd", "token", "apikey", "api_key", "api-key"];
/// Characters that a word must have to look made by chance, and bits for each of them.
const CHANCE: (usize, f64) = (24, 4.0);
/// What holds hashes and addresses of packages.
const LOCKS: [&str; 5] = ["Cargo.lock", "package-lock.json", "go.sum", "requirements.txt", ".terraform.lock.hcl"];
/// What is made up and has to look like the real thing.
const MADE_UP: [(&str, &str); 2] =
    [("crates/wigwag-outbound/src/aws.rs", "AKIDEXAMPLE"), ("xtask/src/tidy/secrets.rs", "")];

/// Every line that looks like a secret. Without Git there is nothing tracked, and nothing to say.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output();
    let Some(listed) = listed.ok().filter(|output| output.status.success()) else { return Ok(Vec::new()) };
    let names = String::from_utf8(listed.stdout).context("names of files")?;
    let mut wrong = Vec::new();
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        if LOCKS.iter().any(|lock| name.ends_with(lock)) {
            continue;
        }
        // What is no text is a picture or a font; what is gone is about to be removed.
        let Ok(text) = std::fs::read_to_string(root.join(name)) else { continue };
        let allowed = |line: &str| MADE_UP.iter().any(|(path, part)| *path == name && line.contains(part));
        for (at, line) in text.lines().enumerate() {
            if let Some(what) = found(line)
                && !allowed(line)
            {
                wrong.push(format!("{name}:{}: looks like {what}", at + 1));
            }
        }
    }
    Ok(wrong)
}

fn found(line: &str) -> Option<&'static str> {
    // The first line of one with something behind it, be it an escaped end of line.
    if line.contains("PRIVATE KEY-----") && line.trim_start().trim_start_matches('"').starts_with("-----BEGIN") {
        return Some("a private key");
    }
    let words = || line.split(|c: char| !(c.is_ascii_alphanumeric() || "_-+/=.".contains(c)));
    let is_token = |word: &str| {
        TOKENS.iter().any(|(start, rest)| {
            let tail = word.strip_prefix(start).unwrap_or_default();
            tail.len() >= *rest && tail.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        })
    };
    if words().any(is_token) {
        return Some("a token of a service");
    }
    let lower = line.to_ascii_lowercase();
    let named = NAMES.iter().any(|name| lower.contains(name)) && line.contains(['=', ':']);
    let by_chance = |word: &str| word.len() >= CHANCE.0 && is_mixed(word) && bits(word) >= CHANCE.1;
    (named && quoted(line).any(by_chance)).then_some("a secret")
}

/// What stands between quotation marks, where it is one word.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    let word = |part: &&str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-+/=".contains(&b));
    line.split(['"', '\'', '`']).skip(1).step_by(2).filter(word)
}

/// Letters of both cases and digits, with no more than one dash or slash in a row of words: names have neither.
fn is_mixed(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.bytes().filter(test).count() >= 3;
    has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)
}

/// Shannon's entropy of a character, by how often each comes.
fn bits(word: &str) -> f64 {
    let mut counts = [0_u32; 256];
    word.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let all = word.len() as f64;
    counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / all).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_names() {
        for line in [
            "-----BEGIN RSA PRIVATE KEY-----",
            "    \"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkq\"",
            "aws = AKIAIOSFODNN7EXAMPLZ",
            "token: \"q8Zt4LmX0vRb2KpY7nWc5HsD\"",
            "let api_key = 'Zm9vYmFyMTIzNDU2Nzg5QUJDREVGRw=='",
        ] {
            assert!(found(line).is_some(), "{line}");
        }
        for line in [
            "assert!(text.contains(\"PRIVATE KEY-----\"));",
            "let token = \"api-00000000-0000-4000-8000-000000000001\";",
            "let password = \"correct horse battery staple\";",
            "password: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaAAAA111\"",
            "digest = \"q8Zt4LmX0vRb2KpY7nWc5HsD\"",
            "let secret = load(\"WIGWAG_OIDC_CLIENT_SECRET\");",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }
}
