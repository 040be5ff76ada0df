//! Whatever is sent, the answer is a clear 4xx: never a panic, never a 5xx.

use serde_json::json;

use crate::support::Server;

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn bodies_that_are_no_json() {
    let server = Server::new();
    let deep = "[".repeat(100_000);
    let many = format!(
        "{{\"id\":\"urn:x:1\",\"type\":\"T\",\"a\":{}{}}}",
        "{\"a\":".repeat(70),
        "1".to_owned() + &"}".repeat(70)
    );
    for body in [
        &b"{"[..],
        b"{\"id\": \"urn:x:1\", \"type\": \"T\"",
        b"not json",
        b"{\"id\": \"urn:x:1\", \"id\": \"urn:x:2\", \"type\": \"T\"}",
        b"{\"id\": \"urn:x:\xff\", \"type\": \"T\"}",
        b"{} {}",
        b"\x00",
        deep.as_bytes(),
        many.as_bytes(),
    ] {
        for (method, path) in [
            ("POST", "/entities"),
            ("POST", "/entityOperations/create"),
            ("POST", "/entityOperations/delete"),
            ("PATCH", "/entities/urn:x:1"),
            ("PUT", "/entities/urn:x:1"),
            ("POST", "/entities/urn:x:1/attrs"),
            ("PATCH", "/entities/urn:x:1/attrs/a"),
            ("POST", "/temporal/entities"),
            ("POST", "/jsonldContexts"),
        ] {
            let answer = server.ask(method, path, &[JSON], body).await;
            assert_eq!(
                (answer.status, answer.error().as_str()),
                (400, "InvalidRequest"),
                "{method} {path}: {}",
                answer.text
            );
        }
    }
    let empty = server.ask("POST", "/entities", &[JSON, ("content-length", "0")], b"").await;
    assert_eq!(empty.expect(400).error(), "InvalidRequest");
}

#[tokio::test]
async fn bodies_of_another_type_or_too_large() {
    let server = Server::new();
    let body = json!({"id": "urn:x:1", "type": "T"}).to_string();
    for content_type in ["text/plain", "application/xml", "application/merge-patch+json", ""] {
        let answer =
            server.ask("POST", "/entities", &[("content-type", content_type)], body.as_bytes()).await;
        assert_eq!((answer.status, answer.text.as_str()), (415, ""), "{content_type}");
    }
    assert_eq!(server.ask("POST", "/entities", &[], body.as_bytes()).await.status, 415);
    assert_eq!(server.ask("POST", "/entities", &[JSON], b"").await.status, 411);
    let large = format!("{{\"id\":\"urn:x:1\",\"type\":\"T\",\"a\":\"{}\"}}", "x".repeat(10 << 20));
    server.ask("POST", "/entities", &[JSON], large.as_bytes()).await.expect(413);
}

#[tokio::test]
async fn well_formed_but_wrong() {
    let server = Server::new();
    server.post("/entities", json!({"id": "urn:x:1", "type": "T", "a": 1})).await.expect(201);
    for entity in [
        json!([]),
        json!({"type": "T"}),
        json!({"id": "urn:x:2"}),
        json!({"id": "no uri", "type": "T"}),
        json!({"id": "urn:x:2", "type": "T", "a": null}),
        json!({"id": "urn:x:2", "type": "T", "a": {"type": "Nonsense", "value": 1}}),
        json!({"id": "urn:x:2", "type": "T", "a b": 1}),
        json!({"id": "urn:x:2", "type": "T", "a": {"value": 1, "unitCode": 7}}),
        json!({"id": "urn:x:2", "type": "T", "a": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [23.1, 113.3]}}}),
        json!({"id": "urn:x:2", "type": "T", "a": {"type": "GeoProperty", "value": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}}}),
        json!({"id": "urn:x:2", "type": "T", "a": {"value": 1, "observedAt": "yesterday"}}),
        json!({"id": "urn:x:2", "type": "T", "a": "urn:ngsi-ld:null"}),
        json!({"id": "x".repeat(2000), "type": "T"}),
        json!({"id": format!("urn:{}", "x".repeat(2000)), "type": "T"}),
    ] {
        let answer = server.post("/entities", entity.clone()).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "BadRequestData"),
            "{entity}: {}",
            answer.text
        );
    }
    let other = server.send("PUT", "/entities/urn:x:1", json!({"id": "urn:x:9", "type": "T"})).await;
    assert_eq!(other.expect(400).error(), "BadRequestData");
    server.get("/entities/urn:x:2").await.expect(404);
}

#[tokio::test]
async fn parameters_that_are_wrong() {
    let server = Server::new();
    for (path, error) in [
        ("/entities?unknown=1", "InvalidRequest"),
        ("/entities", "BadRequestData"),
        ("/entities?id=urn:x:1", "BadRequestData"),
        ("/entities?type=T&limit=-1", "BadRequestData"),
        ("/entities?type=T&limit=0", "BadRequestData"),
        ("/entities?type=T&idPattern=(", "BadRequestData"),
        ("/entities?type=T&q=a%3D%3D", "BadRequestData"),
        ("/entities?type=T&q=(((((", "BadRequestData"),
        ("/entities?type=T&georel=near&geometry=Point&coordinates=[1,2]", "BadRequestData"),
        ("/entities?type=T&georel=near;maxDistance=2000&geometry=Point&coordinates=[1,2]", "BadRequestData"),
        (
            "/entities?type=T&georel=near;maxDistance==2000&geometry=Point&coordinates=[23.1,113.3]",
            "BadRequestData",
        ),
        ("/entities?type=T&georel=near;maxDistance==2000&geometry=Point&coordinates=x", "BadRequestData"),
        ("/entities?type=T&scopeQ=", "BadRequestData"),
        ("/entities?type=T&format=xml", "InvalidRequest"),
        ("/entities?type=T&options=nonsense", "InvalidRequest"),
        ("/entities/no%20uri", "BadRequestData"),
        ("/entities/urn:x:1?limit=3", "InvalidRequest"),
    ] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, error), "{path}: {}", answer.text);
    }
    let many = server.get("/entities?type=T&limit=1000000").await;
    assert_eq!((many.status, many.error().as_str()), (403, "TooManyResults"));
}

#[tokio::test]
async fn methods_and_paths_that_are_not_there() {
    let server = Server::new();
    let answer = server.delete("/types").await;
    assert_eq!(answer.status, 405);
    assert!(answer.header("allow").contains("GET"));
    assert_eq!(server.get("/nonsense").await.expect(404).error(), "ResourceNotFound");
}
