//! Notifications as the conformance suite expects them.

use std::sync::Arc;

use nacre_kernel::query::matching::NoLinks;
use nacre_model::{Change, Content, DeleteReach, EntityId, Geometry, Position, Value};
use nacre_views::Applied;
use serde_json::{Value as Json, json};

use super::*;
use crate::subscription::tests::{NOW, applied, building, create, delete, made, set, standing, with};

struct World(Vec<Arc<Entity>>);

impl Links for World {
    fn entity(&self, id: &EntityId) -> Option<Arc<Entity>> {
        self.0.iter().find(|e| e.id == *id).cloned()
    }
}

fn message(members: Json, applied: &Applied, links: &dyn Links) -> Message {
    let context = Context::core();
    let subscription = made(with(members));
    let watch = subscription.compile(&context).expect("valid");
    let occasion = watch.matches_change(applied, links).expect("sends");
    let envelope = Envelope { id: "urn:ngsi-ld:Notification:1", at: NOW, tenant: Some("haizhu") };
    build(&subscription, &occasion, &context, links, &envelope).expect("made")
}

fn body(message: &Message) -> Json {
    serde_json::from_slice(&message.body)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&message.body)))
}

/// The data of a notification with these parameters and triggers.
fn data(notification: Json, triggers: Json, applied: &Applied) -> Json {
    let members = json!({"notification": params(notification), "notificationTrigger": triggers});
    body(&message(members, applied, &NoLinks))["data"].clone()
}

fn params(members: Json) -> Json {
    let mut notification = json!({"endpoint": {"uri": "http://localhost:1111/notify"}});
    for (name, value) in members.as_object().expect("an object") {
        notification[name] = value.clone();
    }
    notification
}

fn name(value: &str, dataset: Option<&str>) -> Attribute {
    let mut attribute = Attribute::property(value);
    attribute.dataset_id = dataset.map(Iri::trusted);
    attribute
}

fn street() -> Attribute {
    Attribute::new(Content::Language(vec![("fr".into(), Value::text("Grand Place"))]))
}

fn before() -> Arc<Entity> {
    let location = Geometry::Point(Position { longitude: -8.5, latitude: 41.2, altitude: None });
    standing(vec![
        set("name", name("Eiffel Tower", None)),
        set("street", street()),
        set("locatedAt", Attribute::relationship(Iri::trusted("urn:ngsi-ld:City:Paris"))),
        set("location", Attribute::new(Content::Geo(location))),
    ])
}

#[test]
fn the_whole_message() {
    let change = applied(Some(&before()), vec![set("name", name("Tour Eiffel", None))]);
    let endpoint = json!({
        "uri": "http://localhost:1111/notify",
        "receiverInfo": [{"key": "X-Additional-Key", "value": "Value"}, {"key": "content-type", "value": "text/plain"}]
    });
    let message = message(json!({"notification": {"endpoint": endpoint}}), &change, &NoLinks);
    insta::assert_json_snapshot!("message", body(&message));
    insta::assert_debug_snapshot!("headers", message.headers);
    let mqtt: Json = serde_json::from_slice(&message.mqtt()).expect("JSON");
    assert_eq!(mqtt["metadata"]["Content-Type"], "application/json");
    assert_eq!(mqtt["body"]["type"], "Notification");
}

#[test]
fn the_media_type_decides_where_the_context_stands() {
    let change = applied(Some(&before()), vec![set("name", name("Tour Eiffel", None))]);
    let of = |accept: &str, info: Json| {
        let endpoint = json!({"uri": "http://localhost:1111/notify", "accept": accept, "receiverInfo": info});
        let message = message(
            json!({"notification": {"endpoint": endpoint, "pick": ["id", "name"]}}),
            &change,
            &NoLinks,
        );
        let link = message.headers.iter().any(|(name, _)| name == "Link");
        (body(&message)["data"].clone(), link)
    };
    let (ld, link) = of("application/ld+json", json!([]));
    assert!(ld[0].get("@context").is_some() && !link);
    let (geo, link) = of("application/geo+json", json!([]));
    assert!(geo.get("@context").is_some() && !link);
    assert_eq!(geo["features"][0]["geometry"]["coordinates"], json!([-8.5, 41.2]));
    assert_eq!(
        geo["features"][0]["properties"],
        json!({"name": {"type": "Property", "value": "Tour Eiffel"}})
    );
    let (geo, link) = of("application/geo+json", json!([{"key": "Prefer", "value": "body=json"}]));
    assert!(geo.get("@context").is_none() && link);
}

#[test]
fn a_deleted_attribute_is_null_in_each_format() {
    let change = applied(Some(&before()), vec![delete("name", DeleteReach::Dataset(None))]);
    let deleted =
        |notification: Json| data(notification, json!(["attributeDeleted"]), &change)[0]["name"].clone();
    assert_eq!(deleted(json!({"format": "keyValues"})), NULL);
    assert_eq!(deleted(json!({"format": "concise"})), NULL);
    assert_eq!(deleted(json!({})), json!({"type": "Property", "value": NULL}));
    let sys = deleted(json!({"sysAttrs": true}));
    assert_eq!(sys["deletedAt"], "2027-01-15T08:00:01Z");
    assert_eq!(deleted(json!({"showChanges": true}))["previousValue"], "Eiffel Tower");
    let concise = deleted(json!({"showChanges": true, "format": "concise"}));
    assert_eq!(concise, json!({"value": NULL, "previousValue": "Eiffel Tower"}));
    let change = applied(Some(&before()), vec![delete("street", DeleteReach::All)]);
    let street = &data(json!({"showChanges": true}), json!(["attributeDeleted"]), &change)[0]["street"];
    assert_eq!(
        *street,
        json!({
            "type": "LanguageProperty",
            "languageMap": {"@none": NULL},
            "previousLanguageMap": {"fr": "Grand Place"}
        })
    );
}

#[test]
fn of_several_instances_the_deleted_one_is_named_and_all_are_told_once() {
    let several = standing(vec![
        set("name", name("Eiffel Tower", None)),
        set("name", name("Eiffelturm", Some("urn:d:de"))),
        set("name", name("Tour Eiffel", Some("urn:d:fr"))),
    ]);
    let one = DeleteReach::Dataset(Some(Iri::trusted("urn:d:fr")));
    let one = applied(Some(&several), vec![delete("name", one)]);
    let triggers = || json!(["attributeDeleted"]);
    assert_eq!(
        data(json!({"format": "keyValues"}), triggers(), &one)[0]["name"],
        json!({"dataset": {"@none": "Eiffel Tower", "urn:d:de": "Eiffelturm", "urn:d:fr": NULL}})
    );
    assert_eq!(
        data(json!({}), triggers(), &one)[0]["name"],
        json!([
            {"type": "Property", "value": "Eiffel Tower"},
            {"type": "Property", "value": "Eiffelturm", "datasetId": "urn:d:de"},
            {"type": "Property", "value": NULL, "datasetId": "urn:d:fr"},
        ])
    );
    let all = applied(Some(&several), vec![delete("name", DeleteReach::All)]);
    assert_eq!(data(json!({}), triggers(), &all)[0]["name"], json!({"type": "Property", "value": NULL}));
}

#[test]
fn a_deleted_entity_tells_when_and_only_on_wish_what_it_was() {
    let change = applied(Some(&before()), vec![Change::DeleteEntity { entity: building() }]);
    let keys = |data: &Json| {
        data[0].as_object().map(|o| o.keys().cloned().collect::<Vec<_>>().join(",")).unwrap_or_default()
    };
    let triggers = || json!(["entityDeleted"]);
    assert_eq!(keys(&data(json!({"format": "keyValues"}), triggers(), &change)), "id,type,deletedAt");
    let sys = data(json!({"format": "keyValues", "sysAttrs": true}), triggers(), &change);
    assert_eq!(keys(&sys), "id,type,createdAt,modifiedAt,deletedAt");
    insta::assert_json_snapshot!("entity_deleted", data(json!({"showChanges": true}), triggers(), &change));
    let members = json!({"watchedAttributes": ["name"], "notificationTrigger": ["attributeDeleted"]});
    let watched = body(&message(members, &change, &NoLinks))["data"].clone();
    assert_eq!(keys(&watched), "id,type,deletedAt,name");
    assert_eq!(watched[0]["name"], json!({"type": "Property", "value": NULL}));
}

#[test]
fn changes_stand_beside_what_was_only_where_something_changed() {
    let shown = |changes: Vec<Change>| {
        let change = applied(Some(&before()), changes);
        data(json!({"showChanges": true}), json!(["attributeUpdated", "attributeCreated"]), &change)[0]
            .clone()
    };
    let updated = shown(vec![set("name", name("Tour Eiffel", None)), set("new", Attribute::property(1))]);
    assert_eq!(updated["name"]["previousValue"], "Eiffel Tower");
    assert_eq!(updated["new"], json!({"type": "Property", "value": 1}));
    assert!(updated["locatedAt"].get("previousObject").is_none());
    let to = Attribute::relationship(Iri::trusted("urn:ngsi-ld:City:Nantes"));
    let moved = shown(vec![set("locatedAt", to)]);
    assert_eq!(moved["locatedAt"]["previousObject"], "urn:ngsi-ld:City:Paris");
    let created = applied(None, create(vec![set("name", name("x", None))]));
    let created = data(json!({"showChanges": true}), json!(["entityCreated"]), &created);
    assert_eq!(created[0]["name"], json!({"type": "Property", "value": "x"}));
}

#[test]
fn linked_entities_come_inside_or_after() {
    let mut paris = (*standing(vec![set("name", name("Paris", None))])).clone();
    paris.id = EntityId::new("urn:ngsi-ld:City:Paris").expect("a URI");
    let world = World(vec![Arc::new(paris)]);
    let change = applied(Some(&before()), vec![set("name", name("Tour Eiffel", None))]);
    let of = |join: &str| {
        let notification = params(json!({"join": join, "attributes": ["locatedAt"], "format": "simplified"}));
        body(&message(json!({"notification": notification}), &change, &world))["data"].clone()
    };
    let inline = of("inline");
    assert_eq!(inline[0]["locatedAt"]["name"], "Paris");
    assert!(inline[0].get("name").is_none() && inline.as_array().map(Vec::len) == Some(1));
    let flat = of("flat");
    assert_eq!(flat[0]["locatedAt"], "urn:ngsi-ld:City:Paris");
    assert_eq!((&flat[1]["id"], &flat[1]["name"]), (&json!("urn:ngsi-ld:City:Paris"), &json!("Paris")));
}

#[test]
fn datasets_and_languages_are_chosen() {
    let change = applied(
        Some(&standing(vec![set("street", street())])),
        vec![set("name", name("A", None)), set("name", name("B", Some("urn:d:fr")))],
    );
    let chosen = body(&message(json!({"datasetId": ["urn:d:fr"]}), &change, &NoLinks))["data"].clone();
    assert_eq!(chosen[0]["name"], json!({"type": "Property", "value": "B", "datasetId": "urn:d:fr"}));
    assert!(chosen[0].get("street").is_none());
    let french = body(&message(json!({"lang": "fr"}), &change, &NoLinks))["data"].clone();
    assert_eq!(french[0]["street"], json!({"type": "Property", "value": "Grand Place", "lang": "fr"}));
}

#[test]
fn an_interval_sends_what_is_there() {
    let subscription = made(with(json!({"timeInterval": 5})));
    let watch = subscription.compile(&Context::core()).expect("valid");
    let entity = before();
    assert!(watch.selects(&entity, NOW, &NoLinks));
    let occasion = Occasion::present([entity], NOW);
    let envelope = Envelope { id: "urn:n:1", at: NOW, tenant: None };
    let message = build(&subscription, &occasion, &Context::core(), &NoLinks, &envelope).expect("made");
    assert_eq!(body(&message)["data"][0]["name"]["value"], "Eiffel Tower");
    assert!(!message.headers.iter().any(|(name, _)| name == "NGSILD-Tenant"));
}
