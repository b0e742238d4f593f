//! A browser: keeps cookies, sends its origin.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::support::House;

pub const SITE: &str = "https://flags.example.com";
pub const PASSWORD: &str = "correct horse battery";
pub const EMAIL: &str = "ann@example.com";

pub struct Browser<'a> {
    pub house: &'a House,
    pub cookies: RefCell<BTreeMap<String, String>>,
    /// What it says of the page it is on; empty for none.
    pub origin: &'static str,
}

pub struct Seen {
    pub response: Response<Bytes>,
}

impl<'a> Browser<'a> {
    pub fn new(house: &'a House) -> Self {
        Self { house, cookies: RefCell::default(), origin: SITE }
    }

    /// One that is signed in as the owner.
    pub async fn signed_in(house: &'a House) -> Self {
        let browser = Self::new(house);
        browser.sign_in().await;
        browser
    }

    pub async fn sign_in(&self) {
        let rep = self.post("/internal/session", json!({"email": EMAIL, "password": PASSWORD})).await.expect(200);
        assert_eq!(rep["next"], "done", "{rep}");
    }

    pub async fn get(&self, path: &str) -> Seen {
        self.send("GET", path, "application/json", "").await
    }

    pub async fn post(&self, path: &str, body: Value) -> Seen {
        self.send("POST", path, "application/json", &body.to_string()).await
    }

    pub async fn delete(&self, path: &str, body: Value) -> Seen {
        self.send("DELETE", path, "application/json", &body.to_string()).await
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let body = wigwag_kit::query::render(fields.iter().copied());
        self.send("POST", path, "application/x-www-form-urlencoded", body.trim_start_matches('?')).await
    }

    pub async fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> Seen {
        let mut request = Request::builder().method(method).uri(path).header("user-agent", "Lynx/2.9");
        if !self.origin.is_empty() {
            request = request.header("origin", self.origin);
        }
        let cookies: Vec<_> = self.cookies.borrow().iter().map(|(n, v)| format!("{n}={v}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        let response = self.house.server.handle(request.header("content-type", kind).body(body).unwrap()).await;
        for field in response.headers().get_all(SET_COOKIE) {
            let (pair, attributes) = field.to_str().unwrap().split_once("; ").unwrap();
            for wanted in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
                assert!(attributes.split("; ").any(|own| own == wanted), "{attributes}");
            }
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        Seen { response }
    }

    /// A cookie of the site, which is reached over https.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(&format!("__Host-{name}")).cloned()
    }

    /// Whether the session holds.
    pub async fn is_in(&self) -> bool {
        self.get("/api/v2/members/me").await.status() == 200
    }
}

impl Seen {
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.response.body()).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |v| v.to_str().unwrap())
    }

    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status(), status, "{}", self.text());
        serde_json::from_str(&self.text()).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> String {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        body["message"].as_str().unwrap().to_owned()
    }
}

/// The secret in the newest letter.
pub async fn letter_secret(house: &House) -> String {
    let letters = house.get("/internal/mail").await.ok();
    let text = letters["items"][0]["text"].as_str().unwrap().to_owned();
    let at = text.find("token=").unwrap() + 6;
    text[at..].chars().take_while(char::is_ascii_hexdigit).collect()
}
