//! What a start prints and makes, on an empty database and later.

use rustix::process::Signal;

use crate::process::Process;

#[tokio::test]
async fn the_first_start_prints_what_is_needed_and_it_works() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Process::start(&["--data-dir", data.to_str().unwrap()], &[]);
    assert!(server.welcome.contains("reachable from this machine only"), "{}", server.welcome);
    assert!(server.welcome.contains("@launchdarkly/node-server-sdk"), "a snippet to paste");

    let client = server.client(&server.told("access token"));
    let me = client.get("/api/v2/members/me").await.expect(200).json();
    assert_eq!(me["email"], server.told("owner"));
    assert_eq!(me["role"], "owner");
    let found = client.get("/api/v2/projects/default/environments").await.expect(200).json();
    let environments = found["items"].as_array().unwrap();
    assert_eq!(environments.len(), 2);
    for environment in environments {
        for member in ["apiKey", "mobileKey", "_id"] {
            let key = environment[member].as_str().unwrap();
            assert!(server.welcome.contains(key), "{member} of {} is printed", environment["key"]);
        }
    }
    let mut stream = client.stream("/all", &server.told("SDK key")).await;
    assert_eq!(stream.next().await.name, "put");
}

#[tokio::test]
async fn a_later_start_keeps_everything_and_prints_no_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["--data-dir", dir.path().to_str().unwrap()];
    let first = Process::start(&arguments, &[]);
    let (token, sdk_key) = (first.told("access token"), first.told("SDK key"));
    first.client(&token).post("/api/v2/flags/default", wigwag_testkit::flag("lamp").body()).await.expect(201);
    first.signal(Signal::TERM);
    assert_eq!(first.end().0, Some(0));

    let second = Process::start(&arguments, &[]);
    assert!(!second.welcome.contains(&token) && !second.welcome.contains(&sdk_key), "{}", second.welcome);
    assert!(second.welcome.contains("/api/v2/projects/default/environments"), "how to get keys");
    second.client(&token).get("/api/v2/flags/default/lamp").await.expect(200);
    let mut stream = second.client("").stream("/all", &sdk_key).await;
    assert!(stream.next().await.data["data"]["flags"]["lamp"].is_object());
}

#[tokio::test]
async fn init_variables_hold_on_the_first_start_only() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["--data-dir", dir.path().to_str().unwrap()];
    let (first_token, second_token) = ("api-first-start-token", "api-second-start-token");
    let first = Process::start(
        &arguments,
        &[
            ("WIGWAG_INIT_OWNER_EMAIL", "ann@example.com"),
            ("WIGWAG_INIT_OWNER_PASSWORD", "a password of ann's"),
            ("WIGWAG_INIT_ACCESS_TOKEN", first_token),
        ],
    );
    assert!(!first.welcome.contains(first_token), "given secrets are not repeated");
    assert!(!first.welcome.contains("a password of ann's"), "given secrets are not repeated");
    let me = first.client(first_token).get("/api/v2/members/me").await.expect(200).json();
    assert_eq!(me["email"], "ann@example.com");
    first.signal(Signal::INT);
    assert_eq!(first.end().0, Some(0));

    let second = Process::start(
        &arguments,
        &[("WIGWAG_INIT_OWNER_EMAIL", "bob@example.com"), ("WIGWAG_INIT_ACCESS_TOKEN", second_token)],
    );
    let me = second.client(first_token).get("/api/v2/members/me").await.expect(200).json();
    assert_eq!(me["email"], "ann@example.com");
    second.client(second_token).get("/api/v2/members/me").await.expect(401);
}

#[test]
fn a_data_directory_belongs_to_one_server() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["--data-dir", dir.path().to_str().unwrap()];
    let _first = Process::start(&arguments, &[]);
    let second = crate::process::output(&["serve", "--listen", "127.0.0.1:0", arguments[0], arguments[1]], &[]);
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another process"));
}
