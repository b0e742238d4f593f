//! A receiver of webhooks.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::http::HeaderMap;
use serde_json::{Value, json};
use tokio::sync::watch;

/// How often each delivery came. Clones are one.
#[derive(Clone)]
pub(super) struct Hook {
    counts: Arc<Mutex<HashMap<String, usize>>>,
    held: Arc<watch::Sender<bool>>,
}

impl Hook {
    pub(super) fn new() -> Self {
        Self { counts: Arc::default(), held: Arc::new(watch::Sender::new(false)) }
    }

    /// Opens it at an address, and says with which body a webhook for all that happens to such flags is made.
    pub(super) async fn open(&self, at: Ipv4Addr, flags: &str) -> Value {
        let listener = tokio::net::TcpListener::bind((at, 0)).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let hook = self.clone();
        let app = axum::Router::new().fallback(move |headers: HeaderMap| {
            let id = headers["x-wigwag-delivery"].to_str().unwrap().to_owned();
            *hook.counts.lock().unwrap().entry(id).or_default() += 1;
            let mut held = hook.held.subscribe();
            async move { drop(held.wait_for(|held| !held).await) }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        let resources = [format!("proj/*:env/*:flag/{flags}")];
        let statements = json!([{"effect": "allow", "actions": ["*"], "resources": resources}]);
        json!({"url": url, "sign": false, "on": true, "statements": statements})
    }

    /// Lets callers wait for their answer, or wait no longer.
    pub(super) fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// How often each delivery came that came at all.
    pub(super) fn counts(&self) -> Vec<usize> {
        self.counts.lock().unwrap().values().copied().collect()
    }
}
