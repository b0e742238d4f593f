//! Private-looking attributes in rules of flags that client-side SDKs see.

use wigwag_model::doc::{Flag, FlagConfig};

use super::clauses::attribute;
use super::{Notes, Severity};

/// Words that make an attribute look private.
const PRIVATE: [&str; 26] = [
    "address",
    "birth",
    "birthday",
    "birthdate",
    "card",
    "dob",
    "email",
    "firstname",
    "gender",
    "iban",
    "income",
    "ip",
    "lastname",
    "mail",
    "passport",
    "password",
    "phone",
    "salary",
    "secret",
    "social",
    "ssn",
    "surname",
    "tax",
    "telephone",
    "token",
    "zip",
];

pub(super) fn check(flag: &Flag, config: &FlagConfig, notes: &mut Notes<'_>) {
    let seen_by = flag.client_side_availability;
    if !(seen_by.using_environment_id || seen_by.using_mobile_key) {
        return;
    }
    for (at, rule) in config.rules.iter().enumerate() {
        for (nth, clause) in rule.clauses.iter().enumerate().filter(|(_, clause)| clause.op != "segmentMatch") {
            let name = attribute(clause);
            if looks_private(name) {
                let message = format!(
                    "Client-side SDKs see this flag, so browsers and phones have to send {name}, which looks private"
                );
                notes.note(Severity::Warning, "exposed-attribute", &format!("rules/{at}/clauses/{nth}"), message);
            }
        }
    }
}

/// Whether one of the words of a name does: `contact/emailAddress`, `home_phone`.
fn looks_private(name: &str) -> bool {
    let mut spaced = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_uppercase() && lower {
            spaced.push(' ');
        }
        lower = c.is_lowercase();
        spaced.push(if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    }
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let joined = words.windows(2).map(|pair| pair.concat());
    words.iter().any(|word| PRIVATE.contains(word)) || joined.into_iter().any(|word| PRIVATE.contains(&word.as_str()))
}
