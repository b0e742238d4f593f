//! What a server logs: every request, and no secret of anybody.

use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;
use wigwag_testkit::{Client, PATIENCE, flag};

use crate::process::Process;

/// More than the other requests of a test together.
const REQUESTS: &str = "60";

/// A server with its log, and what must not be in it.
struct Logged {
    process: Process,
    client: Client,
    secrets: Vec<(&'static str, String)>,
    dir: TempDir,
}

impl Logged {
    fn start(format: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let arguments =
            ["--data-dir", data.to_str().unwrap(), "--rate-limit-address", REQUESTS, "--log-format", format];
        let process = Process::start_logging(&dir.path().join("log"), &arguments);
        let told = ["password", "access token", "SDK key", "mobile key"];
        let secrets = told.map(|label| (label, process.told(label))).to_vec();
        let client = process.client(&process.told("access token"));
        Self { process, client, secrets, dir }
    }

    fn secret(&mut self, what: &'static str, secret: &str) -> String {
        self.secrets.push((what, secret.to_owned()));
        secret.to_owned()
    }

    /// Without a credential.
    async fn stranger(&self, method: &str, path: &str, body: Value) -> u16 {
        let stranger = self.client.with_token("");
        stranger.send(stranger.request(method, path).json(&body)).await.status
    }

    /// The path of a new trigger's address.
    async fn trigger(&mut self) -> String {
        self.client.post("/api/v2/flags/default", flag("lamp").body()).await.expect(201);
        let body = json!({"integrationKey": "generic-trigger", "instructions": [{"kind": "turnFlagOn"}]});
        let made = self.client.post("/api/v2/flags/default/lamp/triggers/test", &body).await.expect(201).json();
        let path = made["triggerURL"].as_str().unwrap().strip_prefix(&self.process.url()).unwrap();
        self.secret("trigger", path.rsplit('/').next().unwrap());
        path.to_owned()
    }

    /// Whatever becomes of a request for it, the address of a trigger is not told.
    async fn triggers(&mut self) {
        let path = self.trigger().await;
        assert_eq!(self.stranger("GET", &path, json!({})).await, 405);
        assert_eq!(self.stranger("GET", &format!("{path}/more"), json!({})).await, 404);
        assert_eq!(self.stranger("OPTIONS", &path, json!({})).await, 204);
        assert_eq!(self.stranger("POST", &path, json!({})).await, 200);
        let stranger = self.client.with_token("");
        let overridden = stranger.request("POST", &path).header("X-HTTP-Method-Override", "GET");
        assert_eq!(stranger.send(overridden).await.status, 400);
    }

    async fn people(&mut self) {
        let (owner, password) = (self.process.told("owner"), self.process.told("password"));
        let sign_in = |password: &str| json!({"email": owner, "password": password});
        let wrong = self.secret("wrong password", "a password that is wrong");
        assert_eq!(self.stranger("POST", "/internal/session", sign_in(&wrong)).await, 401);
        let stranger = self.client.with_token("");
        let entered = stranger.post("/internal/session", &sign_in(&password)).await.expect(200);
        let cookie = entered.headers["set-cookie"].to_str().unwrap().split([';', '=']).nth(1).unwrap();
        self.secret("cookie", cookie);
        for page in ["accept-invitation", "reset-password"] {
            let token = self.secret("a link's token", &format!("token-of-{page}"));
            self.stranger("GET", &format!("/{page}?token={token}"), json!({})).await;
            self.stranger("POST", &format!("/{page}?token={token}"), json!({"token": token})).await;
        }
        let code = self.secret("device code", "bcdf-ghjk");
        for method in ["GET", "DELETE"] {
            self.stranger(method, &format!("/device/{code}"), json!({})).await;
        }
    }

    async fn credentials(&mut self) {
        let made = self.client.post("/api/v2/tokens", &json!({"role": "reader", "name": "t"})).await.expect(201).json();
        let token = self.secret("made token", made["token"].as_str().unwrap());
        self.client.with_token(&token).get("/api/v2/projects").await.expect(200);
        let keys = "/api/v2/projects/default/environments/test/apiKey";
        let reset = self.client.post(keys, &json!({})).await.expect(200).json();
        let key = self.secret("new SDK key", reset["apiKey"].as_str().unwrap());
        self.client.with_token(&key).get("/sdk/latest-all").await.expect(200);
        for (what, unknown) in [("unknown token", "api-not-of-here-4711"), ("unknown key", "sdk-not-of-here-4711")] {
            let unknown = self.secret(what, unknown);
            let unknown = self.client.with_token(&unknown);
            unknown.get("/api/v2/projects").await.expect(401);
            unknown.get("/sdk/latest-all").await.expect(401);
        }
    }

    /// An address that asked too often is refused before anything is known of its request.
    async fn too_often(&self) {
        let (_, secret) = self.secrets.iter().find(|(what, _)| *what == "trigger").unwrap();
        let since = Instant::now();
        while self.stranger("POST", &format!("/webhook/triggers/1/{secret}"), json!({})).await != 429 {
            assert!(since.elapsed() < PATIENCE, "never too often");
        }
    }

    /// The log, once all of it was found to hold no secret.
    fn checked(self) -> String {
        self.process.signal(rustix::process::Signal::TERM);
        assert_eq!(self.process.end().0, Some(0));
        let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap();
        for (what, secret) in &self.secrets {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{what} {secret} is logged");
        }
        log
    }
}

async fn log(format: &str) -> String {
    let mut server = Logged::start(format);
    server.triggers().await;
    server.people().await;
    server.credentials().await;
    server.too_often().await;
    server.checked()
}

#[tokio::test]
async fn text_has_no_secrets() {
    let log = log("text").await;
    for told in ["/webhook/triggers/{id}/{secret}", "/device/{code}", "path=\"/api/v2/tokens\"", "status=429"] {
        assert!(log.contains(told), "{told} is not in\n{log}");
    }
}

#[tokio::test]
async fn lines_of_json_are_json_and_have_no_secrets() {
    let log = log("json").await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let asked: Vec<_> = lines.iter().filter(|line| line["target"] == "wigwag::access").collect();
    let told = |path: &str, status: u16| asked.iter().any(|line| line["path"] == path && line["status"] == status);
    let trigger = "/webhook/triggers/{id}/{secret}";
    for (path, status) in [(trigger, 405), (trigger, 404), (trigger, 400), (trigger, 429), ("/api/v2/tokens", 201)] {
        assert!(told(path, status), "{status} of {path} is not in\n{log}");
    }
}
