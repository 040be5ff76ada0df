//! Histories.

use serde_json::{Value as Json, json};

use crate::support::Server;

fn at(hour: u32, value: i64) -> Json {
    json!({"type": "Property", "value": value, "observedAt": format!("2026-11-20T{hour:02}:00:00Z")})
}

#[tokio::test]
async fn histories_can_be_written_without_an_entity() {
    let server = Server::new();
    let body = json!({"id": "urn:x:1", "type": "T", "a": [at(1, 1), at(2, 2)]});
    let created = server.post("/temporal/entities", body.clone()).await.expect(201);
    assert_eq!(created.header("location"), "/ngsi-ld/v1/temporal/entities/urn:x:1");
    server.post("/temporal/entities", body).await.expect(204);
    // One entity of the two: the newest instance stands.
    assert_eq!(server.get("/entities/urn:x:1?format=simplified").await.expect(200).json()["a"], 2);
    server.post("/temporal/entities/urn:x:1/attrs", json!({"a": [at(3, 3)]})).await.expect(204);
    assert_eq!(server.get("/entities/urn:x:1?format=simplified").await.json()["a"], 3);
    server.post("/temporal/entities/urn:x:9/attrs", json!({"type": "T", "a": [at(3, 3)]})).await.expect(404);
    server.delete("/temporal/entities/urn:x:1/attrs/a?deleteAll=true").await.expect(204);
    server.delete("/temporal/entities/urn:x:1").await.expect(204);
    server.get("/entities/urn:x:1").await.expect(404);
    server.delete("/temporal/entities/urn:x:9").await.expect(404);
}

#[tokio::test]
async fn instances_are_named_well_or_not_found() {
    let server = Server::new();
    server
        .post("/temporal/entities", json!({"id": "urn:x:1", "type": "T", "a": [at(1, 1)]}))
        .await
        .expect(201);
    let path = |instance: &str| format!("/temporal/entities/urn:x:1/attrs/a/{instance}");
    server.patch(&path("nothing"), json!({"a": [at(1, 5)]})).await.expect(400);
    server.patch(&path("urn:y:1"), json!({"a": [at(1, 5)]})).await.expect(404);
    server.delete(&path("urn:ngsi-ld:instance:9999-0")).await.expect(404);
}
