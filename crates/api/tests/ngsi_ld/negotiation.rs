//! Headers: what is accepted, what comes back, and where the context comes from (rules 1 to 11).

use serde_json::{Value as Json, json};

use crate::support::{Answer, Server};

const CORE: &str = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld";
const LD: (&str, &str) = ("content-type", "application/ld+json");

async fn get(server: &Server, path: &str, accept: &str) -> Answer {
    server.ask("GET", path, &[("accept", accept)], b"").await
}

#[tokio::test]
async fn answers_come_in_the_form_asked_for() {
    let server = Server::new();
    let place = json!({"type": "GeoProperty", "value": {"type": "Point", "coordinates": [1, 2]}});
    server.post("/entities", json!({"id": "urn:x:1", "type": "T", "location": place})).await.expect(201);
    let json = get(
        &server,
        "/entities/urn:x:1",
        "application/geo+json;q=0.5, application/ld+json, application/json",
    )
    .await;
    assert_eq!(json.header("content-type"), "application/json");
    assert!(
        json.header("link").starts_with(&format!("<{CORE}>; rel=\"http://www.w3.org/ns/json-ld#context\""))
    );
    assert!(json.json().get("@context").is_none());
    let ld = get(&server, "/entities/urn:x:1", "application/ld+json").await.expect(200);
    assert_eq!((ld.header("content-type"), ld.header("link")), ("application/ld+json", ""));
    assert_eq!(ld.json()["@context"], CORE);
    let geo = get(&server, "/entities/urn:x:1", "application/geo+json").await.expect(200);
    assert_eq!(
        (geo.header("content-type"), &geo.json()["type"]),
        ("application/geo+json", &json!("Feature"))
    );
    assert_eq!(geo.json()["geometry"]["type"], "Point");
    assert_eq!(get(&server, "/entities/urn:x:1", "text/html").await.status, 406);
    assert_eq!(get(&server, "/types", "application/geo+json").await.status, 406);
}

#[tokio::test]
async fn the_context_of_the_request_counts() {
    let server = Server::new();
    let terms = json!({"almostFull": "https://example.org/almostFull", "Lot": "https://example.org/Lot"});
    let body = json!({
        "@context": [terms, CORE], "id": "urn:x:1", "type": "Lot", "almostFull": {"type": "Property", "value": true}
    });
    server.ask("POST", "/entities", &[LD], body.to_string().as_bytes()).await.expect(201);
    // Under the core alone the names are IRIs.
    let core = server.get("/entities/urn:x:1").await.json();
    assert_eq!(core["type"], "https://example.org/Lot");
    assert_eq!(core["https://example.org/almostFull"]["value"], true);
    server.get("/entities?type=Lot").await.expect(200);
    assert_eq!(server.get("/entities?type=Lot").await.json(), json!([]));
    // A hosted context gives the short names back.
    let hosted = server.post("/jsonldContexts", json!({"@context": terms})).await.expect(201);
    let url = format!("http://localhost{}", hosted.header("location"));
    let link = format!("<{url}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
    let read = server
        .ask("GET", "/entities?type=Lot", &[("link", &link), ("accept", "application/ld+json")], b"")
        .await;
    let read = read.expect(200).json();
    assert_eq!((&read[0]["type"], &read[0]["almostFull"]["value"]), (&json!("Lot"), &json!(true)));
    assert_eq!(read[0]["@context"], url);
}

#[tokio::test]
async fn misplaced_contexts_are_refused() {
    let server = Server::new();
    let link = format!("<{CORE}>; rel=\"http://www.w3.org/ns/json-ld#context\"");
    let with = |context: Json| json!({"@context": context, "id": "urn:x:1", "type": "T"}).to_string();
    let plain = json!({"id": "urn:x:1", "type": "T"}).to_string();
    let json_type = ("content-type", "application/json");
    for (headers, body) in [
        (vec![json_type], with(json!(CORE))),
        (vec![LD], plain.clone()),
        (vec![LD, ("link", link.as_str())], with(json!(CORE))),
        (vec![json_type, ("link", link.as_str()), ("link", link.as_str())], plain.clone()),
        (vec![LD], with(json!({"T": {"@id": "https://a.org/T", "@context": {}}}))),
        (vec![LD], with(json!(7))),
        (vec![LD], with(json!("file:///etc/passwd"))),
    ] {
        let answer = server.ask("POST", "/entities", &headers, body.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "BadRequestData"),
            "{headers:?} {body}: {}",
            answer.text
        );
    }
    let both = server.ask("POST", "/entities", &[json_type, ("link", link.as_str())], plain.as_bytes()).await;
    both.expect(201);
}

#[tokio::test]
async fn contexts_that_may_not_be_asked_are_refused_and_those_that_are_away_are_504() {
    let server = Server::new();
    for (url, status, error) in [
        ("http://10.0.0.1/c.jsonld", 400, "BadRequestData"),
        ("http://169.254.169.254/latest", 400, "BadRequestData"),
        ("http://user:secret@example.org/c", 400, "BadRequestData"),
        ("http://127.0.0.1:1/c.jsonld", 504, "LdContextNotAvailable"),
    ] {
        let body = json!({"@context": url, "id": "urn:x:1", "type": "T"}).to_string();
        let answer = server.ask("POST", "/entities", &[LD], body.as_bytes()).await;
        assert_eq!((answer.status, answer.error().as_str()), (status, error), "{url}");
    }
}
