//! Programs without a browser.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::browser::Browser;
use crate::support::{House, on_both_engines};

on_both_engines! {
    a_program_is_let_in;
    refused_and_late;
}

const ASK: &str = "/internal/device-authorization";

async fn asked(program: &Browser<'_>) -> Value {
    program.post(ASK, json!({"clientId": "x", "deviceName": "lathe\n"})).await.expect(200)
}

async fn poll(program: &Browser<'_>, asked: &Value) -> Result<String, String> {
    let answer = program.post(&format!("{ASK}/token"), json!({"deviceCode": asked["deviceCode"]})).await;
    if answer.status() == 200 {
        return Ok(answer.expect(200)["accessToken"].as_str().unwrap().to_owned());
    }
    Err(answer.expect(400)["code"].as_str().unwrap().to_owned())
}

async fn a_program_is_let_in(store: Store) {
    let house = House::open(store).await;
    let mut program = Browser::new(&house);
    program.origin = "";
    let asked = asked(&program).await;
    assert_eq!(asked["expiresIn"], 600);
    let code = asked["userCode"].as_str().unwrap();
    assert_eq!(asked["verificationUri"], format!("device/{code}"));
    assert_eq!(poll(&program, &asked).await, Err("authorization_pending".to_owned()));

    let member = Browser::new(&house);
    let decide = async |approve: bool| {
        member.post(&format!("{ASK}/decide"), json!({"userCode": code.to_lowercase(), "approve": approve})).await
    };
    decide(true).await.refused(401, "unauthorized");
    member.sign_in().await;
    assert_eq!(decide(true).await.status(), 204);
    decide(false).await.refused(404, "not_found");
    let token = poll(&program, &asked).await.unwrap();
    assert_eq!(poll(&program, &asked).await, Err("expired_token".to_owned()), "once");
    let identity = house.raw("GET /api/v2/caller-identity", &[("authorization", &token)], "").await.ok();
    assert_eq!((&identity["tokenName"], &identity["serviceToken"]), (&json!("Program on lathe"), &Value::Null));
    let entry = house.newest().await;
    assert_eq!(
        (&entry["titleVerb"], &entry["member"]["email"]),
        (&json!("created the access token"), &json!("ann@example.com"))
    );
    house
        .send(&format!("POST {ASK}/decide"), Some(&json!({"userCode": "x", "approve": true})))
        .await
        .refused(403, "forbidden");
}

async fn refused_and_late(store: Store) {
    let house = House::open(store).await;
    let (program, member) = (Browser::new(&house), Browser::signed_in(&house).await);
    let refused = asked(&program).await;
    let body = json!({"userCode": refused["userCode"], "approve": false});
    assert_eq!(member.post(&format!("{ASK}/decide"), body).await.status(), 204);
    assert_eq!(poll(&program, &refused).await, Err("access_denied".to_owned()));
    let late = asked(&program).await;
    house.clock.advance(600_000);
    assert_eq!(poll(&program, &late).await, Err("expired_token".to_owned()));
    let body = json!({"userCode": late["userCode"], "approve": true});
    member.post(&format!("{ASK}/decide"), body).await.refused(404, "not_found");
    assert_eq!(poll(&program, &json!({"deviceCode": "nonsense"})).await, Err("expired_token".to_owned()));
}
