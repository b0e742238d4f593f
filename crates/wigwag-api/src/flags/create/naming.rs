//! The project's convention for the keys of new flags.

use wigwag_kit::{Error, Result};
use wigwag_model::doc::NamingConvention;

pub(super) fn check(key: &str, convention: Option<&NamingConvention>) -> Result<()> {
    let Some(convention) = convention else { return Ok(()) };
    let prefix = convention.prefix.as_deref().unwrap_or_default();
    let Some(rest) = key.strip_prefix(prefix) else {
        return Err(Error::field("key", format_args!("the project's convention asks for the prefix '{prefix}'")));
    };
    let case = convention.case.as_deref().unwrap_or("none");
    if in_case(rest, case) {
        return Ok(());
    }
    Err(Error::field("key", format_args!("the project's convention asks for {case} after the prefix '{prefix}'")))
}

fn in_case(text: &str, case: &str) -> bool {
    let starts = |with: fn(&u8) -> bool| text.as_bytes().first().is_some_and(with);
    let letters = || text.bytes().all(|b| b.is_ascii_alphanumeric());
    match case {
        "camelCase" => starts(u8::is_ascii_lowercase) && letters(),
        "upperCamelCase" => starts(u8::is_ascii_uppercase) && letters(),
        "snakeCase" => words(text, '_', |b| b.is_ascii_lowercase() || b.is_ascii_digit()),
        "kebabCase" => words(text, '-', |b| b.is_ascii_lowercase() || b.is_ascii_digit()),
        "constantCase" => words(text, '_', |b| b.is_ascii_uppercase() || b.is_ascii_digit()),
        _ => true,
    }
}

fn words(text: &str, between: char, of: fn(u8) -> bool) -> bool {
    text.split(between).all(|word| !word.is_empty() && word.bytes().all(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let good = [
            ("camelCase", "myFlag2"),
            ("upperCamelCase", "MyFlag"),
            ("snakeCase", "my_flag_2"),
            ("kebabCase", "my-flag"),
            ("constantCase", "MY_FLAG"),
            ("none", "a.B-c_D"),
        ];
        for (case, key) in good {
            assert!(in_case(key, case), "{key} is {case}");
        }
        let bad = [
            ("camelCase", "MyFlag"),
            ("camelCase", "my-flag"),
            ("upperCamelCase", "myFlag"),
            ("snakeCase", "my__flag"),
            ("kebabCase", "my_flag"),
            ("kebabCase", "my-"),
            ("constantCase", "My_FLAG"),
            ("snakeCase", ""),
        ];
        for (case, key) in bad {
            assert!(!in_case(key, case), "{key} is not {case}");
        }
    }

    #[test]
    fn the_prefix_comes_first() {
        let convention = NamingConvention { case: Some("kebabCase".to_owned()), prefix: Some("TEAM-".to_owned()) };
        assert!(check("TEAM-my-flag", Some(&convention)).is_ok());
        assert!(check("my-flag", Some(&convention)).is_err());
        assert!(check("TEAM-MY", Some(&convention)).is_err());
        assert!(check("anything", None).is_ok());
    }
}
