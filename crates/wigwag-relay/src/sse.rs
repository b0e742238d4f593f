//! Server-sent events as they arrive.
//!
//! Our own, since an event may be tens of megabytes (a `put`): the parsers to be had read it anew with each piece
//! that arrives.

/// Most bytes of one event; a server that sends more is not one to follow.
const EVENT_MAX: usize = 1 << 30;

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// `put`, `patch`…
    pub(crate) name: String,
    /// Its data lines, joined.
    pub(crate) data: Vec<u8>,
}

/// An event is longer than anything that is sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// What has arrived of the next event.
#[derive(Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    name: String,
    data: Vec<u8>,
    has_data: bool,
}

impl Parser {
    /// Takes the next bytes and returns the events that are whole with them.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            events.extend(self.end_of_line());
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() + self.data.len() > EVENT_MAX { Err(TooLong) } else { Ok(events) }
    }

    fn end_of_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if line.is_empty() {
            let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            return std::mem::take(&mut self.has_data).then_some(Event { name, data });
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            b"data" if self.has_data => {
                self.data.push(b'\n');
                self.data.extend_from_slice(value);
            }
            b"data" => {
                self.has_data = true;
                self.data.extend_from_slice(value);
            }
            // Comments (an empty name) are proof of life; ids and retry times are of no use here.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut parser = Parser::default();
        let found = pieces.iter().flat_map(|piece| parser.push(piece).unwrap_or_default());
        found.map(|event| (event.name, String::from_utf8_lossy(&event.data).into_owned())).collect()
    }

    #[test]
    fn events_are_found_however_they_are_cut() {
        let stream = b":\n\nevent: put\ndata: {\"a\":1}\n\nevent:patch\r\ndata:x\r\ndata: y\r\nid: 7\r\n\r\nevent: none\n\ndata\n\n";
        let want = [("put", "{\"a\":1}"), ("patch", "x\ny"), ("", "")].map(|(n, d)| (n.to_owned(), d.to_owned()));
        assert_eq!(events(&[stream]), want);
        for cut in 0..stream.len() {
            assert_eq!(events(&[&stream[..cut], &stream[cut..]]), want, "cut at {cut}");
        }
    }
}
