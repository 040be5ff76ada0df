//! Entities, attributes and batches from creation to deletion.

use serde_json::json;

use crate::support::Server;

const ID: &str = "/entities/urn:ngsi-ld:Lamp:1";

async fn lamp(server: &Server) {
    let body = json!({
        "id": "urn:ngsi-ld:Lamp:1", "type": "Lamp",
        "power": {"type": "Property", "value": 12, "unitCode": "WTT", "observedAt": "2026-11-20T01:00:00Z"},
        "isIn": {"type": "Relationship", "object": "urn:ngsi-ld:Street:1"},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [113.3, 23.1]}}
    });
    server.post("/entities", body).await.expect(201);
}

#[tokio::test]
async fn what_was_created_comes_back_the_same() {
    let server = Server::new();
    let body = json!({
        "id": "urn:ngsi-ld:Lamp:2", "type": ["Lamp", "Device"], "scope": ["/a", "/b/c"],
        "p": {"type": "Property", "value": {"x": [1, 2.5, "z", true]}, "unitCode": "C62", "valueType": "schema",
              "observedAt": "2026-11-20T01:00:00Z", "sub": {"type": "Property", "value": 0}},
        "several": [{"type": "Property", "value": 1}, {"type": "Property", "value": 2, "datasetId": "urn:d:1"}],
        "r": {"type": "Relationship", "object": ["urn:a:1", "urn:a:2"], "objectType": "T"},
        "g": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [113.3, 23.1]}},
        "l": {"type": "LanguageProperty", "languageMap": {"zh": "珠", "en": ["a", "b"]}},
        "v": {"type": "VocabProperty", "vocab": ["open", "shut"]},
        "j": {"type": "JsonProperty", "json": {"id": 1, "x": null}},
        "vl": {"type": "ListProperty", "valueList": [3, 1, 2]},
        "ol": {"type": "ListRelationship", "objectList": [{"object": "urn:a:1"}, {"object": "urn:a:1"}]}
    });
    let created = server.post("/entities", body.clone()).await.expect(201);
    assert_eq!(created.header("location"), "/ngsi-ld/v1/entities/urn:ngsi-ld:Lamp:2");
    let again = server.post("/entities", body.clone()).await.expect(409);
    assert_eq!(again.error(), "AlreadyExists");
    let read = server.get("/entities/urn:ngsi-ld:Lamp:2").await.expect(200);
    assert_eq!(read.json(), body);
    // What is read in the concise form can be written, and is the same entity.
    let concise = server.get("/entities/urn:ngsi-ld:Lamp:2?format=concise").await.expect(200).json();
    server.send("PUT", "/entities/urn:ngsi-ld:Lamp:2", concise).await.expect(204);
    assert_eq!(server.get("/entities/urn:ngsi-ld:Lamp:2").await.json(), body);
    let with_times = server.get("/entities/urn:ngsi-ld:Lamp:2?options=sysAttrs").await.expect(200).json();
    assert!(with_times["createdAt"].is_string() && with_times["p"]["modifiedAt"].is_string());
    server.send("PUT", "/entities/urn:ngsi-ld:Lamp:2", with_times).await.expect(204);
}

#[tokio::test]
async fn writes_that_look_alike_differ() {
    let server = Server::new();
    lamp(&server).await;
    // A partial update keeps what it does not name.
    server.patch(&format!("{ID}/attrs/power"), json!({"value": 13})).await.expect(204);
    let power = server.get(ID).await.json()["power"].clone();
    assert_eq!((&power["value"], &power["unitCode"]), (&json!(13), &json!("WTT")));
    // An update replaces whole attributes, adds missing ones and deletes by null.
    let update =
        json!({"power": {"type": "Property", "value": 14}, "colour": "red", "isIn": "urn:ngsi-ld:null"});
    server.patch(&format!("{ID}/attrs"), update).await.expect(204);
    let read = server.get(ID).await.json();
    assert_eq!(read["power"], json!({"type": "Property", "value": 14}));
    assert_eq!(read["colour"]["value"], "red");
    assert!(read.get("isIn").is_none());
    // Appending can leave what exists.
    let append = json!({"power": {"value": 15}, "height": {"value": 9}});
    let mixed = server.post(&format!("{ID}/attrs?options=noOverwrite"), append.clone()).await.expect(207);
    assert_eq!(mixed.json()["updated"], json!(["height"]));
    assert_eq!(mixed.json()["notUpdated"][0]["attributeName"], "power");
    server.post(&format!("{ID}/attrs"), append).await.expect(204);
    assert_eq!(server.get(ID).await.json()["power"]["value"], 15);
    // A merge goes into values and takes members away.
    server
        .patch(ID, json!({"address": {"type": "Property", "value": {"street": "a", "no": 1}}}))
        .await
        .expect(204);
    server
        .patch(
            ID,
            json!({"address": {"type": "Property", "value": {"street": "b", "no": "urn:ngsi-ld:null"}}}),
        )
        .await
        .expect(204);
    assert_eq!(server.get(ID).await.json()["address"]["value"], json!({"street": "b"}));
    // Deletion of one attribute, twice.
    server.delete(&format!("{ID}/attrs/height")).await.expect(204);
    assert_eq!(server.delete(&format!("{ID}/attrs/height")).await.expect(404).error(), "ResourceNotFound");
    server.delete(ID).await.expect(204);
    server.get(ID).await.expect(404);
}

#[tokio::test]
async fn a_partial_update_by_null_deletes_and_other_kinds_are_refused() {
    let server = Server::new();
    lamp(&server).await;
    let other = server
        .patch(&format!("{ID}/attrs/power"), json!({"type": "Relationship", "object": "urn:a:b"}))
        .await;
    assert_eq!(other.expect(400).error(), "BadRequestData");
    let null = json!({"type": "Property", "value": "urn:ngsi-ld:null"});
    server.patch(&format!("{ID}/attrs/power"), null).await.expect(204);
    assert!(server.get(ID).await.json().get("power").is_none());
    server.patch(&format!("{ID}/attrs/power"), json!({"value": 1})).await.expect(404);
}

#[tokio::test]
async fn simplified_merges_keep_kinds_and_place_languages() {
    let server = Server::new();
    lamp(&server).await;
    let says = json!({"says": {"languageMap": {"en": "yes", "fr": "oui"}}});
    server.post(&format!("{ID}/attrs"), says).await.expect(204);
    let patch = json!({"isIn": "urn:ngsi-ld:Street:2", "power": 20, "says": "ja"});
    server.patch(&format!("{ID}?options=keyValues&lang=de"), patch).await.expect(204);
    let read = server.get(ID).await.json();
    assert_eq!(read["isIn"], json!({"type": "Relationship", "object": "urn:ngsi-ld:Street:2"}));
    assert_eq!((&read["power"]["value"], &read["power"]["unitCode"]), (&json!(20), &json!("WTT")));
    assert_eq!(read["says"]["languageMap"], json!({"en": "yes", "fr": "oui", "de": "ja"}));
}

#[tokio::test]
async fn queries() {
    let server = Server::new();
    lamp(&server).await;
    for n in 2..=5 {
        let body = json!({"id": format!("urn:ngsi-ld:Lamp:{n}"), "type": "Lamp", "power": n, "scope": format!("/d/l{n}")});
        server.post("/entities", body).await.expect(201);
    }
    let count = |json: serde_json::Value| json.as_array().map_or(0, Vec::len);
    for (query, expected) in [
        ("type=Lamp", 5),
        ("type=Street", 0),
        ("q=power%3E3", 3),
        ("q=power==2..4", 3),
        ("type=Lamp&id=urn:ngsi-ld:Lamp:2,urn:ngsi-ld:Lamp:3", 2),
        ("type=Lamp&idPattern=.*:[45]", 2),
        ("type=Lamp&scopeQ=/d/%23", 4),
        ("type=Lamp&scopeQ=/d/%2B", 4),
        ("attrs=isIn", 1),
        ("type=Lamp&georel=near;maxDistance==1000&geometry=Point&coordinates=[113.3,23.1]", 1),
        ("type=Lamp&limit=2", 2),
        ("local=true", 5),
    ] {
        let answer = server.get(&format!("/entities?{query}")).await.expect(200);
        assert_eq!(count(answer.json()), expected, "{query}: {}", answer.text);
    }
    let page = server.get("/entities?type=Lamp&limit=2&offset=2&count=true").await.expect(200);
    assert_eq!(page.header("ngsild-results-count"), "5");
    let links: Vec<_> = page.headers.get_all("link").iter().filter_map(|v| v.to_str().ok()).collect();
    assert!(
        links.iter().any(|l| l.contains("rel=\"next\"")) && links.iter().any(|l| l.contains("rel=\"prev\""))
    );
    assert_eq!(server.get("/entities?type=Lamp&limit=0&count=true").await.expect(200).json(), json!([]));
    let body = json!({"type": "Query", "entities": [{"type": "Lamp"}], "q": "power>3"});
    assert_eq!(count(server.post("/entityOperations/query", body).await.expect(200).json()), 3);
    assert_eq!(server.get("/types").await.expect(200).json()["typeList"], json!(["Lamp"]));
    assert!(server.get("/attributes").await.expect(200).text.contains("power"));
}

#[tokio::test]
async fn batches_answer_item_by_item() {
    let server = Server::new();
    let lamps = |value: i64| json!([{"id": "urn:x:1", "type": "Lamp", "a": value}, {"id": "urn:x:2", "type": "Lamp", "a": value}]);
    assert_eq!(
        server.post("/entityOperations/create", lamps(1)).await.expect(201).json(),
        json!(["urn:x:1", "urn:x:2"])
    );
    let again = server.post("/entityOperations/create", lamps(1)).await.expect(207).json();
    assert_eq!((&again["success"], again["errors"].as_array().map(Vec::len)), (&json!([]), Some(2)));
    server.post("/entityOperations/upsert", lamps(2)).await.expect(204);
    let mixed = json!([{"id": "urn:x:3", "type": "Lamp"}, {"id": "bad", "type": "Lamp"}, {"id": "urn:x:1", "type": "Lamp", "b": null}]);
    let upsert = server.post("/entityOperations/upsert", mixed).await.expect(207).json();
    assert_eq!((&upsert["success"], &upsert["errors"][0]["entityId"]), (&json!(["urn:x:3"]), &json!("bad")));
    server.post("/entityOperations/update", json!([{"id": "urn:x:1", "a": 3}])).await.expect(204);
    server.post("/entityOperations/merge", json!([{"id": "urn:x:2", "a": {"value": 4}}])).await.expect(204);
    assert_eq!(server.get("/entities/urn:x:1?format=simplified").await.json()["a"], 3);
    assert_eq!(server.get("/entities/urn:x:2?format=simplified").await.json()["a"], 4);
    server.post("/entityOperations/update", json!([{"id": "urn:x:9", "a": 3}])).await.expect(207);
    server.post("/entityOperations/delete", json!(["urn:x:1", "urn:x:2"])).await.expect(204);
    server.post("/entityOperations/delete", json!(["urn:x:1", "urn:x:3"])).await.expect(207);
}

#[tokio::test]
async fn tenants_do_not_see_each_other() {
    let server = Server::new();
    let body = json!({"id": "urn:x:1", "type": "T"}).to_string();
    let headers = [("content-type", "application/json"), ("ngsild-tenant", "other")];
    let created = server.ask("POST", "/entities", &headers, body.as_bytes()).await.expect(201);
    assert_eq!(created.header("ngsild-tenant"), "other");
    server.get("/entities/urn:x:1").await.expect(404);
    server.ask("GET", "/entities/urn:x:1", &[("ngsild-tenant", "other")], b"").await.expect(200);
    let nobody =
        server.ask("GET", "/entities/urn:x:1", &[("ngsild-tenant", "nobody")], b"").await.expect(404);
    assert_eq!(nobody.error(), "NonexistentTenant");
    server.ask("GET", "/entities/urn:x:1", &[("ngsild-tenant", "../x")], b"").await.expect(400);
}
