//! How each environment is doing, for `/status` (sdk-protocol.md 9.3).

use parking_lot::Mutex;
use serde::Serialize;
use wigwag_model::clock::Millis;

use crate::upstream::Ended;

/// How the connection to the upstream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// No data has come yet.
    #[default]
    Initializing,
    /// Connected, and up to date.
    Valid,
    /// Not connected; what was last known is served.
    Interrupted,
    /// The upstream does not know the key: nothing is served.
    Off,
}

/// What went wrong last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// `NETWORK_ERROR`, `ERROR_RESPONSE` or `INVALID_DATA`.
    pub kind: &'static str,
    /// When.
    pub time: Millis,
    /// The upstream's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
}

/// The connection of one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// How it is.
    pub state: State,
    /// Since when.
    pub state_since: Millis,
    /// What went wrong last, also when all is well again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<Fault>,
}

/// A connection that is being watched.
#[derive(Default)]
pub(crate) struct Watched(Mutex<Connection>);

impl Watched {
    pub(crate) fn get(&self) -> Connection {
        self.0.lock().clone()
    }

    pub(crate) fn is(&self, state: State, now: Millis) {
        let mut connection = self.0.lock();
        if connection.state != state || connection.state_since == 0 {
            (connection.state, connection.state_since) = (state, now);
        }
    }

    /// Notes why a stream ended. One that never had data goes on initializing.
    pub(crate) fn broke(&self, ended: &Ended, now: Millis) {
        let (kind, status_code) = match ended {
            Ended::Refused(status) => ("ERROR_RESPONSE", Some(status.as_u16())),
            Ended::Broken(_) | Ended::Asked => ("NETWORK_ERROR", None),
            Ended::Malformed(_) => ("INVALID_DATA", None),
        };
        self.0.lock().last_error = Some(Fault { kind, time: now, status_code });
        if self.get().state == State::Valid {
            self.is(State::Interrupted, now);
        }
    }
}
