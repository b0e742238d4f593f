//! Reads server-sent events.

use serde_json::Value;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `put`, `patch`, `delete`…
    pub name: String,
    /// Its data.
    pub data: Value,
}

/// An open stream.
pub struct EventStream {
    response: reqwest::Response,
    buffer: String,
}

impl EventStream {
    pub(crate) const fn new(response: reqwest::Response) -> Self {
        Self { response, buffer: String::new() }
    }

    /// The next event, comments left out.
    ///
    /// # Panics
    /// The stream ends, or nothing comes for a long while.
    pub async fn next(&mut self) -> Event {
        self.next_or_end().await.expect("the stream goes on")
    }

    /// The next event; none when the server ended the stream.
    ///
    /// # Panics
    /// Nothing comes for a long while.
    pub async fn next_or_end(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.buffer.find("\n\n") {
                let block: String = self.buffer.drain(..end + 2).collect();
                if let Some(event) = parse(&block) {
                    return Some(event);
                }
            }
            let chunk = tokio::time::timeout(crate::PATIENCE, self.response.chunk()).await.expect("an event in time");
            match chunk {
                Ok(Some(bytes)) => self.buffer.push_str(std::str::from_utf8(&bytes).expect("UTF-8")),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

/// A block of lines as an event; none for comments alone.
fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let lines: Vec<&str> = block.lines().filter_map(|l| l.strip_prefix(name)?.strip_prefix(':')).collect();
        (!lines.is_empty()).then(|| lines.iter().map(|l| l.trim_start()).collect::<Vec<_>>().join("\n"))
    };
    let name = field("event")?;
    let data = serde_json::from_str(&field("data").unwrap_or_default()).unwrap_or(Value::Null);
    Some(Event { name, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_from_comments() {
        assert_eq!(parse(":\n\n"), None);
        let event = parse("event: put\ndata: {\"a\":\ndata: 1}\n\n").unwrap();
        assert_eq!((event.name.as_str(), &event.data["a"]), ("put", &Value::from(1)));
    }
}
