//! Subscriptions, as documents and as what they send.

use serde_json::{Value as Json, json};

use crate::support::Server;

fn body(uri: &str) -> Json {
    json!({
        "id": "urn:ngsi-ld:Subscription:1", "type": "Subscription", "entities": [{"type": "Lamp"}],
        "watchedAttributes": ["power"], "q": "power>3",
        "notification": {"endpoint": {"uri": uri, "accept": "application/json"}, "attributes": ["power"]}
    })
}

const ID: &str = "/subscriptions/urn:ngsi-ld:Subscription:1";

#[tokio::test]
async fn subscriptions_live_and_die() {
    let server = Server::new();
    let created = server.post("/subscriptions", body("http://127.0.0.1:9/x")).await.expect(201);
    assert_eq!(created.header("location"), format!("/ngsi-ld/v1{ID}"));
    server.post("/subscriptions", body("http://127.0.0.1:9/x")).await.expect(409);
    let read = server.get(ID).await.expect(200).json();
    assert_eq!(
        (&read["status"], &read["q"], &read["watchedAttributes"]),
        (&json!("active"), &json!("power>3"), &json!(["power"]))
    );
    server.patch(ID, json!({"isActive": false})).await.expect(204);
    assert_eq!(server.get(ID).await.json()["status"], "paused");
    let mut unnamed = body("http://127.0.0.1:9/x");
    unnamed.as_object_mut().map(|o| o.remove("id"));
    let second = server.post("/subscriptions", unnamed).await.expect(201);
    assert!(second.header("location").starts_with("/ngsi-ld/v1/subscriptions/urn:ngsi-ld:Subscription:"));
    let page = server.get("/subscriptions?limit=1&count=true").await.expect(200);
    assert_eq!((page.header("ngsild-results-count"), page.json().as_array().map(Vec::len)), ("2", Some(1)));
    server.delete(ID).await.expect(204);
    server.delete(ID).await.expect(404);
    server.get(ID).await.expect(404);
    server.patch(ID, json!({"isActive": true})).await.expect(404);
}

#[tokio::test]
async fn bad_subscriptions_are_refused() {
    let server = Server::new();
    let with = |name: &str, value: Json| {
        let mut body = body("http://127.0.0.1:9/x");
        body[name] = value;
        body
    };
    for body in [
        json!([]),
        with("type", json!("Nonsense")),
        with("id", json!("no uri")),
        with("entities", json!([])),
        with("entities", json!([{"id": "urn:x:1"}])),
        with("q", json!("power>>")),
        with("notification", json!({})),
        with("notification", json!({"endpoint": {"uri": "nowhere"}})),
        with("expiresAt", json!("2020-01-01T00:00:00Z")),
        with("throttling", json!(-1)),
        with("timeInterval", json!(5)),
        with("notificationTrigger", json!(["nonsense"])),
        body("http://10.0.0.1/x"),
        body("ftp://example.org/x"),
    ] {
        let answer = server.post("/subscriptions", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
    }
    server.get("/subscriptions/no%20uri").await.expect(400);
}
