//! Subscriptions as clients send them: good ones, bad ones, and the changes that make them send.

use std::sync::Arc;

use nacre_kernel::query::matching::NoLinks;
use nacre_model::{
    Actor, Attribute, Change, DeleteReach, Entity, EntityId, Record, Scope, Seq, TenantId, change::apply,
};
use nacre_views::{Applied, Touched};
use serde_json::json;

use super::*;
use crate::context::Context;

pub(crate) const NOW: Instant = Instant(1_800_000_000_000);
const ID: &str = "urn:ngsi-ld:Subscription:1";

pub(crate) fn made(body: Json) -> Subscription {
    Subscription::create(&body, ID, &Context::core(), NOW).unwrap_or_else(|e| panic!("{body}: {e}"))
}

fn minimal() -> Json {
    json!({
        "type": "Subscription",
        "entities": [{"type": "Building"}],
        "notification": {"endpoint": {"uri": "http://localhost:1111/notify"}}
    })
}

/// The minimal subscription with other members.
pub(crate) fn with(members: Json) -> Json {
    let mut body = minimal();
    for (name, value) in members.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

fn notified(members: Json) -> Json {
    let mut notification = minimal()["notification"].clone();
    for (name, value) in members.as_object().expect("an object") {
        notification[name] = value.clone();
    }
    with(json!({"notification": notification}))
}

fn full() -> Json {
    json!({
        "id": "urn:ngsi-ld:Subscription:full",
        "type": "Subscription",
        "subscriptionName": "水位",
        "description": "levels of the river",
        "entities": [
            {"type": "(Gauge;Station),Sluice", "idPattern": "^urn:.*"},
            {"type": "*", "id": ["urn:x:1", "urn:x:2"]},
        ],
        "notificationTrigger": ["entityCreated", "attributeUpdated"],
        "watchedAttributes": ["level", "https://example.org/flow"],
        "q": "level>2;kind==tidal",
        "expandValues": "kind",
        "jsonKeys": "raw",
        "geoQ": {"georel": "near;maxDistance==2000", "geometry": "Point", "coordinates": [113.3, 23.1],
                 "geoproperty": "place"},
        "scopeQ": "/海珠区/#",
        "csf": "owner==\"us\"",
        "datasetId": ["urn:d:1", "@none"],
        "expiresAt": "2030-01-01T00:00:00Z",
        "isActive": true,
        "jsonldContext": "https://example.org/context.jsonld",
        "lang": "zh",
        "localOnly": true,
        "ngsildConformance": "1.8",
        "splitEntities": false,
        "throttling": 1.5,
        "status": "expired",
        "unknown": 5,
        "notification": {
            "pick": ["id", "level", "on{name}"],
            "omit": ["flow"],
            "format": "keyValues",
            "join": "inline",
            "joinLevel": 2,
            "sysAttrs": true,
            "timesSent": 9,
            "endpoint": {
                "uri": "https://example.org/notify",
                "accept": "application/ld+json",
                "receiverInfo": [{"key": "Authorization", "value": "Bearer x"}],
                "notifierInfo": [{"key": "MQTT-QoS", "value": "1"}],
                "timeout": 500,
                "cooldown": 2000
            }
        }
    })
}

fn view(context: &Context) -> View<'_> {
    View {
        context,
        delivery: DeliveryState::default(),
        defaults: true,
        sys_attrs: false,
        with_context: false,
        now: NOW,
    }
}

#[test]
fn all_members_come_back_in_the_terms_of_the_reader() {
    let context = Context::core();
    let subscription = made(full());
    insta::assert_json_snapshot!("full", subscription.to_json(&view(&context)));
    insta::assert_json_snapshot!("stored", crate::json::value_out(&subscription.to_value()));
}

#[test]
fn what_is_stored_is_read_as_the_same() {
    for body in [full(), minimal(), with(json!({"timeInterval": 5, "isActive": false}))] {
        let subscription = made(body);
        let stored = subscription.to_value();
        let again = Subscription::from_value(&stored).expect("read");
        assert_eq!(again.to_value(), stored);
        assert_eq!(format!("{again:?}"), format!("{subscription:?}"));
    }
}

#[test]
fn a_reader_sees_defaults_status_and_deliveries() {
    let context = Context::core();
    let mut delivery = DeliveryState::default();
    delivery.record(NOW, true);
    delivery.record(NOW.plus_ms(1000), false);
    let shown =
        made(minimal()).to_json(&View { delivery, sys_attrs: true, with_context: true, ..view(&context) });
    insta::assert_json_snapshot!("with_deliveries", shown);
    let plain = made(minimal()).to_json(&View { defaults: false, ..view(&context) });
    assert!(plain.get("notificationTrigger").is_none() && plain["notification"].get("timesSent").is_none());
    let paused = made(with(json!({"isActive": false}))).to_json(&view(&context));
    assert_eq!(paused["status"], "paused");
    let late = View { now: Instant::MAX, ..view(&context) };
    assert_eq!(made(full()).to_json(&late)["status"], "expired");
}

#[test]
fn restrictions_are_kept_and_say_where() {
    for (body, pointer) in [
        (json!({}), "/type"),
        (with(json!({"type": "Subscriber"})), "/type"),
        (with(json!({"id": "no uri"})), "/id"),
        (with(json!({"notification": null})), "/notification"),
        (with(json!({"notification": {"format": "keyValues"}})), "/notification/endpoint"),
        (with(json!({"notification": {"endpoint": {}}})), "/notification/endpoint/uri"),
        (with(json!({"notification": {"endpoint": {"uri": "ftp://x/y"}}})), "/notification/endpoint/uri"),
        (with(json!({"entities": []})), "/entities"),
        (with(json!({"entities": [{"id": "urn:x:1"}]})), "/entities/0/type"),
        (with(json!({"entities": [{"type": "A;B"}]})), "/entities/0/type"),
        (with(json!({"entities": [{"type": "A", "id": "x"}]})), "/entities/0/id"),
        (with(json!({"entities": [{"type": "A", "idPattern": "("}]})), "/entities/0/idPattern"),
        (with(json!({"entities": null})), "/entities"),
        (with(json!({"watchedAttributes": []})), "/watchedAttributes"),
        (with(json!({"watchedAttributes": [5]})), "/watchedAttributes/0"),
        (with(json!({"notificationTrigger": ["entityMoved"]})), "/notificationTrigger/0"),
        (with(json!({"q": "a=="})), "/q"),
        (with(json!({"geoQ": {"georel": "near"}})), "/geoQ/geometry"),
        (with(json!({"expiresAt": "2000-01-01T00:00:00Z"})), "/expiresAt"),
        (with(json!({"expiresAt": "soon"})), "/expiresAt"),
        (with(json!({"isActive": "yes"})), "/isActive"),
        (with(json!({"throttling": -30})), "/throttling"),
        (with(json!({"throttling": 30, "timeInterval": 10})), "/timeInterval"),
        (with(json!({"watchedAttributes": ["a"], "timeInterval": 10})), "/timeInterval"),
        (with(json!({"jsonldContext": "unknownContext"})), "/jsonldContext"),
        (with(json!({"datasetId": ["x"]})), "/datasetId/0"),
        (with(json!({"ngsildConformance": "1"})), "/ngsildConformance"),
        (with(json!({"entities": [{"type": "*"}], "localOnly": false})), "/localOnly"),
        (notified(json!({"attributes": []})), "/notification/attributes"),
        (notified(json!({"attributes": ["id"]})), "/notification/attributes/0"),
        (notified(json!({"pick": []})), "/notification/pick"),
        (notified(json!({"omit": []})), "/notification/omit"),
        (notified(json!({"pick": ["id"], "omit": ["id"]})), "/notification/omit"),
        (notified(json!({"pick": ["id"], "attributes": ["a"]})), "/notification/attributes"),
        (notified(json!({"pick": ["a{b}"]})), "/notification/joinLevel"),
        (notified(json!({"format": "long"})), "/notification/format"),
        (notified(json!({"format": "simplified", "showChanges": true})), "/notification/showChanges"),
        (notified(json!({"join": "outer"})), "/notification/join"),
        (notified(json!({"joinLevel": 0})), "/notification/joinLevel"),
    ] {
        let error = Subscription::create(&body, ID, &Context::core(), NOW).expect_err(&body.to_string());
        assert_eq!(error.pointer.as_deref(), Some(pointer), "{body}: {error}");
        assert_eq!(error.kind, crate::errors::ErrorKind::BadRequestData, "{body}");
    }
}

#[test]
fn no_pair_can_smuggle_a_header() {
    let pair = |pair: Json| notified(json!({"endpoint": {"uri": "http://x/y", "receiverInfo": [pair]}}));
    made(pair(json!({"key": "X-Key", "value": "Bearer abc"})));
    for bad in [
        json!({"key": "K", "value": 42}),
        json!({"key": "K"}),
        json!({"key": 5, "value": "v"}),
        json!({"key": "a b", "value": "v"}),
        json!({"key": "K", "value": "a\r\nHost: evil"}),
    ] {
        assert!(Subscription::create(&pair(bad.clone()), ID, &Context::core(), NOW).is_err(), "{bad}");
    }
}

#[test]
fn an_update_replaces_members_and_null_takes_them_away() {
    let (context, later) = (Context::core(), NOW.plus_ms(5));
    let subscription = made(with(json!({"isActive": false, "description": "old", "throttling": 5})));
    let update = |fragment: Json| subscription.updated(&fragment, &context, later);
    let changed =
        update(json!({"type": "Subscription", "isActive": true, "description": null})).expect("valid");
    assert_eq!((changed.status(later), changed.description), (Status::Active, None));
    assert_eq!((changed.modified_at, changed.created_at), (later, NOW));
    let entities =
        update(json!({"entities": [{"type": "Vehicle"}]})).expect("valid").to_json(&view(&context));
    assert_eq!(entities["entities"], json!([{"type": "Vehicle"}]));
    for bad in [
        json!({"id": "urn:other"}),
        json!({"type": "Other"}),
        json!({"notification": null}),
        json!({"notification": {"format": "keyValues"}}),
        json!({"notification": {"endpoint": null}}),
        json!({"expiresAt": "2020-08-01T22:07:00Z"}),
        json!({"entities": null}),
        json!({"timeInterval": 5}),
        json!({"q": ";"}),
        json!([]),
    ] {
        assert!(update(bad.clone()).is_err(), "{bad}");
    }
}

fn iri(term: &str) -> Iri {
    Context::core().expand(term).expect("a name")
}

/// A record that does this to a building, after what stands.
pub(crate) fn applied(before: Option<&Arc<Entity>>, changes: Vec<Change>) -> Applied {
    let at = NOW.plus_ms(1_000);
    let id = changes.iter().find_map(|c| c.entity().cloned()).expect("of an entity");
    let after = apply(before.map(|b| (**b).clone()), &changes, Seq(9), at).map(Arc::new);
    let record = Record {
        seq: Seq(9),
        at,
        tenant: TenantId::default_tenant(),
        actor: Actor::new("test"),
        command: "test".into(),
        cause: None,
        idempotency: None,
        salt: [0; 16],
        changes,
    };
    Applied { record: Arc::new(record), touched: vec![Touched { id, before: before.cloned(), after }] }
}

pub(crate) fn building() -> EntityId {
    EntityId::new("urn:ngsi-ld:Building:1").expect("a URI")
}

pub(crate) fn set(name: &str, attribute: Attribute) -> Change {
    Change::SetAttribute { entity: building(), name: iri(name), attribute }
}

pub(crate) fn delete(name: &str, reach: DeleteReach) -> Change {
    Change::DeleteAttribute { entity: building(), name: iri(name), reach }
}

pub(crate) fn create(changes: Vec<Change>) -> Vec<Change> {
    let create = Change::CreateEntity {
        entity: building(),
        types: vec![iri("Building")],
        scopes: vec![Scope::new("/海珠区").expect("a scope")],
        expires_at: None,
    };
    std::iter::once(create).chain(changes).collect()
}

pub(crate) fn standing(changes: Vec<Change>) -> Arc<Entity> {
    let applied = applied(None, create(changes));
    applied.touched[0].after.clone().expect("made")
}

fn sends(body: Json, applied: &Applied) -> bool {
    let context = Context::core();
    let watch =
        Subscription::create(&body, ID, &context, NOW).expect("valid").compile(&context).expect("valid");
    watch.matches_change(applied, &NoLinks).is_some()
}

#[test]
fn the_kind_of_change_decides() {
    let before = standing(vec![set("name", Attribute::property("A")), set("level", Attribute::property(1))]);
    let created = applied(None, create(vec![set("name", Attribute::property("A"))]));
    let updated = applied(Some(&before), vec![set("name", Attribute::property("B"))]);
    let same = applied(Some(&before), vec![set("name", Attribute::property("A"))]);
    let added = applied(Some(&before), vec![set("new", Attribute::property("A"))]);
    let removed = applied(Some(&before), vec![delete("name", DeleteReach::All)]);
    let deleted = applied(Some(&before), vec![Change::DeleteEntity { entity: building() }]);
    let all = [&created, &updated, &same, &added, &removed, &deleted];
    let table = |triggers: Json| {
        let body =
            if triggers.is_null() { minimal() } else { with(json!({"notificationTrigger": triggers})) };
        all.map(|a| u8::from(sends(body.clone(), a)))
    };
    //                                                          created, updated, same, added, removed, deleted
    assert_eq!(table(Json::Null), [1, 1, 0, 1, 0, 0]);
    assert_eq!(table(json!(["entityCreated"])), [1, 0, 0, 0, 0, 0]);
    assert_eq!(table(json!(["entityUpdated"])), [1, 1, 0, 1, 1, 1]);
    assert_eq!(table(json!(["entityDeleted"])), [0, 0, 0, 0, 0, 1]);
    assert_eq!(table(json!(["attributeCreated"])), [1, 0, 0, 1, 0, 0]);
    assert_eq!(table(json!(["attributeUpdated"])), [0, 1, 0, 0, 0, 0]);
    assert_eq!(table(json!(["attributeDeleted"])), [0, 0, 0, 0, 1, 1]);
}

#[test]
fn watched_attributes_conditions_and_state_decide_too() {
    let before = standing(vec![
        set("name", Attribute::property("Eiffel Tower")),
        set("level", Attribute::property(1)),
    ]);
    let change = applied(Some(&before), vec![set("level", Attribute::property(5))]);
    for (members, wanted) in [
        (json!({"watchedAttributes": ["level"]}), true),
        (json!({"watchedAttributes": ["name"]}), false),
        (json!({"q": "level>4"}), true),
        (json!({"q": "level<4"}), false),
        (json!({"q": "name==\"Eiffel%20Tower\""}), true),
        (json!({"scopeQ": "/海珠区"}), true),
        (json!({"scopeQ": "/越秀区"}), false),
        (json!({"geoQ": {"georel": "within", "geometry": "Point", "coordinates": [0, 0]}}), false),
        (json!({"entities": [{"type": "Vehicle"}]}), false),
        (json!({"entities": [{"type": "(Vehicle|Building)"}]}), true),
        (json!({"entities": [{"type": "*", "id": "urn:ngsi-ld:Building:1"}]}), true),
        (json!({"entities": [{"type": "*", "idPattern": "Building:2$"}]}), false),
        (json!({"isActive": false}), false),
        (json!({"timeInterval": 5}), false),
        (json!({"expiresAt": "2027-01-15T08:00:00.5Z"}), false),
    ] {
        assert_eq!(sends(with(members.clone()), &change), wanted, "{members}");
    }
    let mut body = with(json!({"watchedAttributes": ["level"]}));
    body.as_object_mut().map(|b| b.remove("entities"));
    assert!(sends(body, &change), "watched attributes alone");
}

#[test]
fn several_records_of_one_request_are_one_occasion() {
    let context = Context::core();
    let watch = made(minimal()).compile(&context).expect("valid");
    assert_eq!(watch.types().map(|t| t.len()), Some(1));
    let before = standing(vec![set("level", Attribute::property(1))]);
    let first = applied(Some(&before), vec![set("level", Attribute::property(2))]);
    let middle = first.touched[0].after.clone();
    let second = applied(middle.as_ref(), vec![set("level", Attribute::property(3))]);
    let mut occasion = watch.matches_change(&first, &NoLinks).expect("sends");
    occasion.join(watch.matches_change(&second, &NoLinks).expect("sends"));
    assert_eq!(occasion.entities.len(), 1);
    assert_eq!(occasion.entities[0].before, Some(before));
    assert_eq!(occasion.entities[0].after, second.touched[0].after);
}

#[test]
fn an_entity_that_expired_is_told_as_deleted() {
    let mut before = (*standing(vec![set("level", Attribute::property(1))])).clone();
    before.expires_at = Some(NOW);
    let deleted = applied(Some(&Arc::new(before)), vec![Change::DeleteEntity { entity: building() }]);
    assert!(sends(with(json!({"notificationTrigger": ["entityDeleted"], "q": "level==1"})), &deleted));
}
