//! A short list of texts in one piece of memory.

use smallvec::SmallVec;

/// Texts end to end, with where each ends.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    text: Box<str>,
    ends: SmallVec<[u32; 4]>,
}

impl Texts {
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let end = *end as usize;
            let text = &self.text[start..end];
            start = end;
            text
        })
    }

    /// Whether one of them is exactly this text.
    #[inline]
    pub(crate) fn contain(&self, wanted: &str) -> bool {
        let (bytes, mut start) = (self.text.as_bytes(), 0);
        self.ends.iter().any(|end| {
            let end = *end as usize;
            let found = bytes.get(start..end) == Some(wanted.as_bytes());
            start = end;
            found
        })
    }
}

impl<'t> FromIterator<&'t str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'t str>>(texts: I) -> Texts {
        let (mut text, mut ends) = (String::new(), SmallVec::new());
        for each in texts {
            text.push_str(each);
            ends.push(text.len() as u32);
        }
        Texts { text: text.into_boxed_str(), ends }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_borders() {
        let texts: Texts = ["ab", "", "c"].into_iter().collect();
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["ab", "", "c"]);
        assert!(texts.contain("") && texts.contain("ab") && !texts.contain("b") && !texts.contain("abc"));
        assert!(!Texts::default().contain(""));
    }
}
