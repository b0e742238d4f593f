//! Rate limits: behaviour.md 3.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use wigwag_api::operations;
use wigwag_auth::Tokens;
use wigwag_kit::Server;
use wigwag_kit::request::Peer;
use wigwag_kit::serve::RateLimits;
use wigwag_store::Store;

use crate::support::{House, OWNER, on_both_engines};

on_both_engines! {
    the_account_and_its_operations;
    addresses;
}

fn server(house: &House, limits: RateLimits) -> Server {
    let tokens = Tokens::new(house.store.clone(), house.clock.clone());
    Server::new(Arc::clone(&house.app), tokens, operations().complete()).limited(limits)
}

async fn get(server: &Server, path: &str, token: &str, from: &str) -> Response<Bytes> {
    let mut request = Request::get(path).header("authorization", token).body(Bytes::new()).unwrap();
    request.extensions_mut().insert(Peer(from.parse().unwrap()));
    server.handle(request).await
}

fn left(response: &Response<Bytes>) -> [Option<i64>; 3] {
    ["x-ratelimit-global-remaining", "x-ratelimit-route-remaining", "x-ratelimit-reset"].map(|name| {
        // Clients parse whole numbers and fail on anything else.
        response.headers().get(name).map(|value| value.to_str().unwrap().parse().unwrap())
    })
}

async fn the_account_and_its_operations(store: Store) {
    let house = House::open(store).await;
    let server = server(&house, RateLimits { global: 4, route: 2, address: 0 });
    let reset = Some((house.clock.now() / 10_000 + 1) * 10_000);
    let (teams, hooks) = ("/api/v2/teams", "/api/v2/webhooks");
    // Strangers use nothing up, and are told nothing.
    for _ in 0..5 {
        let refused = get(&server, teams, "api-nobody", "1.1.1.1").await;
        assert_eq!((refused.status().as_u16(), left(&refused)), (401, [None; 3]));
    }
    let first = get(&server, teams, OWNER, "1.1.1.1").await;
    assert_eq!((first.status().as_u16(), left(&first)), (200, [Some(3), Some(1), reset]));
    assert_eq!(left(&get(&server, teams, OWNER, "1.1.1.1").await), [Some(2), Some(0), reset]);
    let over = get(&server, teams, OWNER, "1.1.1.1").await;
    assert_eq!((over.status().as_u16(), left(&over)), (429, [Some(1), Some(0), reset]));
    assert!(!over.headers().contains_key("retry-after"), "only for addresses");
    let body: Value = serde_json::from_slice(over.body()).unwrap();
    assert_eq!(body["code"], "rate_limited");
    assert_eq!(body["message"], "You've exceeded the API rate limit. Try again later.");
    assert_eq!(get(&server, hooks, OWNER, "1.1.1.1").await.status(), 200, "another operation");
    assert_eq!(get(&server, hooks, OWNER, "1.1.1.1").await.status(), 429, "all together");
    house.clock.advance(10_000);
    assert_eq!(get(&server, teams, OWNER, "1.1.1.1").await.status(), 200);
}

/// With a credential or without; triggers too.
async fn addresses(store: Store) {
    let house = House::open(store).await;
    let server = server(&house, RateLimits { global: 0, route: 0, address: 3 });
    assert_eq!(get(&server, "/api/v2/teams", OWNER, "1.1.1.1").await.status(), 200);
    assert_eq!(get(&server, "/api/v2/teams", "api-nobody", "1.1.1.1").await.status(), 401);
    assert_eq!(get(&server, "/api/v2/nothing", "", "1.1.1.1").await.status(), 404);
    let mut fired = Request::post("/webhook/triggers/1/2").body(Bytes::new()).unwrap();
    fired.extensions_mut().insert(Peer("1.1.1.1".parse().unwrap()));
    let over = server.handle(fired).await;
    assert_eq!(over.status(), 429);
    assert_eq!(left(&over), [None; 3]);
    let wait: i64 = over.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&wait));
    assert_eq!(get(&server, "/api/v2/teams", OWNER, "1.1.1.2").await.status(), 200);
    house.clock.advance(wait * 1_000);
    assert_eq!(get(&server, "/api/v2/teams", OWNER, "1.1.1.1").await.status(), 200);
}
