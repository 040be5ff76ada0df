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

async fn two_entities(server: &Server) {
    for n in 1..=2 {
        let body = json!({"id": format!("urn:x:{n}"), "type": "T", "a": (1..=5).map(|h| at(h, h.into())).collect::<Vec<_>>(), "b": [at(n, 7)]});
        server.post("/temporal/entities", body).await.expect(201);
    }
}

#[tokio::test]
async fn histories_come_back_in_three_forms() {
    let server = Server::new();
    two_entities(&server).await;
    let whole = server.get("/temporal/entities/urn:x:1").await.expect(200).json();
    assert_eq!(whole["a"].as_array().map(Vec::len), Some(5));
    assert!(whole["a"][0]["instanceId"].is_string());
    let path = "/temporal/entities/urn:x:1?timerel=between&timeAt=2026-11-20T02:00:00Z&endTimeAt=2026-11-20T04:00:00Z&attrs=a";
    let values = server.get(&format!("{path}&format=temporalValues")).await.expect(200).json();
    assert_eq!(values["a"]["values"], json!([[2, "2026-11-20T02:00:00Z"], [3, "2026-11-20T03:00:00Z"]]));
    assert!(values.get("b").is_none());
    let aggregates = "&format=aggregatedValues&aggrMethods=sum,max&aggrPeriodDuration=PT2H";
    let sums = server.get(&format!("{path}{aggregates}")).await.expect(200).json();
    assert_eq!(sums["a"]["sum"][0][0], 5);
    let last = server
        .get("/temporal/entities/urn:x:1?lastN=2&options=temporalValues&attrs=a")
        .await
        .expect(200)
        .json();
    assert_eq!(last["a"]["values"].as_array().map(Vec::len), Some(2));
    server.get("/temporal/entities/urn:x:9").await.expect(404);
    server.get("/temporal/entities/urn:x:1?format=aggregatedValues").await.expect(400);
}

#[tokio::test]
async fn instances_can_be_corrected_and_withdrawn() {
    let server = Server::new();
    two_entities(&server).await;
    let of = |whole: Json, i: usize| {
        let id = whole["a"][i]["instanceId"].as_str().unwrap_or_default().to_owned();
        format!("/temporal/entities/urn:x:1/attrs/a/{id}")
    };
    let whole = server.get("/temporal/entities/urn:x:1").await.json();
    server.patch(&of(whole.clone(), 0), json!({"a": [at(1, 99)]})).await.expect(204);
    server.delete(&of(whole, 1)).await.expect(204);
    let values = server.get("/temporal/entities/urn:x:1?options=temporalValues&attrs=a").await.json();
    let numbers: Vec<_> =
        values["a"]["values"].as_array().into_iter().flatten().map(|v| v[0].clone()).collect();
    assert_eq!(numbers, [json!(99), json!(3), json!(4), json!(5)]);
}

#[tokio::test]
async fn histories_are_queried() {
    let server = Server::new();
    two_entities(&server).await;
    let after = "timerel=after&timeAt=2026-11-20T02:00:00Z";
    for (query, ids) in [
        (format!("type=T&{after}"), vec!["urn:x:1", "urn:x:2"]),
        (format!("type=T&attrs=b&{after}"), vec!["urn:x:2"]),
        (format!("type=T&q=b==7&{after}"), vec!["urn:x:2"]),
        (format!("type=T&id=urn:x:1&{after}"), vec!["urn:x:1"]),
        (format!("type=T&limit=1&offset=1&{after}"), vec!["urn:x:2"]),
        ("type=T&timerel=after&timeAt=2027-01-01T00:00:00Z".to_owned(), vec![]),
    ] {
        let found = server.get(&format!("/temporal/entities?{query}")).await.expect(200).json();
        let found: Vec<_> = found.as_array().into_iter().flatten().map(|e| e["id"].clone()).collect();
        assert_eq!(found, ids, "{query}");
    }
    let page = server.get(&format!("/temporal/entities?type=T&limit=1&count=true&{after}")).await.expect(200);
    assert_eq!(page.header("ngsild-results-count"), "2");
    let body = json!({"type": "Query", "entities": [{"type": "T"}], "temporalQ": {"timerel": "before", "timeAt": "2026-11-20T02:00:00Z"}});
    let found =
        server.post("/temporal/entityOperations/query?options=temporalValues", body).await.expect(200).json();
    assert_eq!(found[0]["a"]["values"], json!([[1, "2026-11-20T01:00:00Z"]]));
    for bad in [
        "type=T",
        "timerel=after&timeAt=2026-11-20T02:00:00Z",
        "type=T&timerel=during&timeAt=2026-11-20T02:00:00Z",
        "type=T&timerel=after&timeAt=x",
    ] {
        server.get(&format!("/temporal/entities?{bad}")).await.expect(400);
    }
}

#[tokio::test]
async fn too_many_instances_are_a_part() {
    let server = Server::new();
    let instances: Vec<_> = (0..1_200)
        .map(|n| json!({"value": n, "observedAt": format!("2026-11-20T{:02}:{:02}:00Z", n / 60, n % 60)}))
        .collect();
    server
        .post("/temporal/entities", json!({"id": "urn:x:1", "type": "T", "a": instances}))
        .await
        .expect(201);
    let part =
        server.get("/temporal/entities/urn:x:1?timerel=after&timeAt=2026-11-20T00:00:00Z").await.expect(206);
    assert_eq!(part.json()["a"].as_array().map(Vec::len), Some(1_000));
    assert!(
        part.header("content-range").starts_with("date-time 2026-11-20T00:00:00Z-2026-11-20T16:39:00Z/"),
        "{}",
        part.header("content-range")
    );
    let rest =
        server.get("/temporal/entities/urn:x:1?timerel=after&timeAt=2026-11-20T16:40:00Z").await.expect(200);
    assert_eq!(rest.json()["a"].as_array().map(Vec::len), Some(200));
}
