//! Results as pages give them to the SDKs of browsers (evaluation §12.1).

use wigwag_eval::Lookup;

use super::{ClientList, Subject};

impl ClientList {
    /// Appends values, `$flagsState` and `$valid` as members of an object. The versions are those of streams and
    /// polls, so that an SDK goes on from here. A script element can hold it: no `<` is left as it is.
    pub(super) fn write_bootstrap<L: Lookup>(&self, subject: &Subject<'_, L>, out: &mut Vec<u8>) {
        let mut state = Vec::with_capacity(64 * self.len());
        for visible in &self.flags {
            let outcome = subject.outcome(&visible.flag);
            let key = visible.flag.text().key();
            plain(key, out);
            out.push(b':');
            plain(outcome.value(), out);
            out.push(b',');
            state.extend_from_slice(if state.is_empty() { b"" } else { b"," });
            plain(key, &mut state);
            state.push(b':');
            let mut beside = Vec::with_capacity(96);
            outcome.write_beside_value(visible.version, subject.form, &mut beside);
            plain(&beside, &mut state);
        }
        out.extend_from_slice(b"\"$flagsState\":{");
        out.extend_from_slice(&state);
        out.extend_from_slice(b"},\"$valid\":true");
    }
}

/// Appends JSON with every `<`, which is found in texts only, escaped: `</script>` would end a script.
fn plain(json: &[u8], out: &mut Vec<u8>) {
    let mut parts = json.split(|byte| *byte == b'<');
    out.extend_from_slice(parts.next().unwrap_or_default());
    for part in parts {
        out.extend_from_slice(b"\\u003c");
        out.extend_from_slice(part);
    }
}
