//! What bodies become, and what they are refused for.

use nacre_kernel::command::{AttributePatch, AttributeWrite, PartialAttribute};
use nacre_kernel::{Command, EntityDraft};
use nacre_model::{Attribute, AttributeKind, Content, EntityId, Instant, Iri, Value};
use serde_json::{Value as Json, json};

use super::*;
use crate::context::{Context, ContextSource, DEFAULT_VOCABULARY, Resolution, resolve};
use crate::errors::NgsiError;

fn core() -> std::sync::Arc<Context> {
    Context::core()
}

fn create(json: &Json) -> Result<EntityDraft, NgsiError> {
    parse_entity(json, &core(), Mode::Create)
}

/// A draft of one attribute `a`.
fn of(attribute: Json) -> Result<Vec<Attribute>, NgsiError> {
    let mut draft = create(&json!({"id": "urn:x:1", "type": "T", "a": attribute}))?;
    Ok(draft.attributes.remove(0).1)
}

fn one(attribute: Json) -> Attribute {
    of(attribute).expect("valid").remove(0)
}

fn iri(name: &str) -> Iri {
    Iri::trusted(&format!("{DEFAULT_VOCABULARY}{name}"))
}

fn uri(text: &str) -> Iri {
    Iri::trusted(text)
}

fn at(text: &str) -> Option<Instant> {
    Instant::parse(text)
}

#[test]
fn a_normalized_entity() {
    let draft = create(&json!({
        "id": "urn:ngsi-ld:Lamp:1", "type": ["Lamp", "Device", "Lamp"], "scope": ["海珠区/琶洲", "/a"],
        "expiresAt": "2027-01-01T00:00:00Z", "createdAt": "2020-01-01T00:00:00Z",
        "@context": "https://example.org/c",
        "power": {
            "type": "Property", "value": 12.5, "unitCode": "WTT", "observedAt": "2026-11-20T01:00:00,5Z",
            "instanceId": "urn:x:i", "modifiedAt": "2020-01-01T00:00:00Z",
            "accuracy": {"type": "Property", "value": 1}
        },
        "isIn": {"type": "Relationship", "object": "urn:ngsi-ld:Street:1", "objectType": "Street"}
    }))
    .expect("valid");
    assert_eq!(draft.types, [iri("Lamp"), iri("Device")]);
    let scopes: Vec<_> = draft.scopes.iter().flatten().map(|s| s.as_str().to_owned()).collect();
    assert_eq!(scopes, ["/海珠区/琶洲", "/a"]);
    assert_eq!(draft.expires_at, at("2027-01-01T00:00:00Z"));
    let power = &draft.attributes[0].1[0];
    assert_eq!((power.unit_code.as_deref(), power.observed_at), (Some("WTT"), at("2026-11-20T01:00:00.5Z")));
    assert_eq!(power.attributes, [(iri("accuracy"), vec![Attribute::property(1)])]);
    let relationship = Content::Relationship {
        objects: vec![uri("urn:ngsi-ld:Street:1")],
        many: false,
        object_types: vec![iri("Street")],
    };
    assert_eq!(draft.attributes[1], (iri("isIn"), vec![Attribute::new(relationship)]));
}

#[test]
fn every_kind_normalized_and_concise() {
    let list = |v: &[&str]| v.iter().map(|t| Value::text(*t)).collect::<Vec<_>>();
    let point = json!({"type": "Point", "coordinates": [113.3, 23.1]});
    for (kind, member, json, bare) in [
        ("Property", "value", json!(1), true),
        ("Property", "value", json!([1, "a", true]), true),
        ("Property", "value", json!({"street": "x"}), true),
        ("GeoProperty", "value", point, true),
        ("Relationship", "object", json!("urn:a:b"), false),
        ("Relationship", "object", json!(["urn:a:b"]), false),
        ("LanguageProperty", "languageMap", json!({"zh": "珠", "en": ["a", "b"], "@none": "c"}), false),
        ("VocabProperty", "vocab", json!("open"), false),
        ("VocabProperty", "vocab", json!(["open", "shut"]), false),
        ("JsonProperty", "json", json!({"id": null}), false),
        ("ListProperty", "valueList", json!(["a", "b"]), false),
        ("ListRelationship", "objectList", json!([{"object": "urn:a:b"}, "urn:a:c"]), false),
    ] {
        let normalized = one(json!({"type": kind, member: json}));
        assert_eq!(normalized.content.kind().name(), kind);
        assert_eq!(one(json!({member: json})), normalized, "concise {kind}");
        if bare {
            assert_eq!(one(json), normalized, "bare {kind}");
        }
    }
    assert_eq!(one(json!({"valueList": ["a", "b"]})).content, Content::List(list(&["a", "b"])));
    let vocab = Content::Vocab { terms: vec![iri("open")], many: false };
    assert_eq!(one(json!({"vocab": "open"})).content, vocab);
}

#[test]
fn arrays_are_instances_or_values() {
    let several =
        of(json!([{"value": 1}, {"type": "Property", "value": 2, "datasetId": "urn:d:1"}])).expect("valid");
    assert_eq!((several.len(), several[1].dataset_id.clone()), (2, Some(uri("urn:d:1"))));
    assert_eq!(of(json!([{"street": "x"}, {"street": "y"}])).expect("valid").len(), 1);
    assert_eq!(of(json!([])).expect("valid")[0].content, Content::Property(Value::List(vec![])));
    assert_eq!(one(json!({"value": 1, "datasetId": "@none"})).dataset_id, None);
}

#[test]
fn a_value_keeps_what_json_ld_allows() {
    let literal = json!({"@type": "@json", "@value": null});
    assert!(of(json!({"value": literal})).is_ok());
    let typed = one(json!({"value": {"@type": "DateTime", "@value": "2026-11-20T01:00:00Z"}}));
    assert!(matches!(typed.content, Content::Property(Value::Map(_))));
    let with_type = one(json!({"value": 5, "valueType": "xsd:integer"}));
    assert_eq!(with_type.attributes[0].0.as_str(), VALUE_TYPE);
}

#[test]
fn bad_attributes_are_refused_with_their_place() {
    for (attribute, pointer, says) in [
        (json!(null), "/a", "null is no value"),
        (json!({"type": "Property"}), "/a", "no `value`"),
        (json!({"type": "Relationship"}), "/a", "no `object`"),
        (json!({"type": "Property", "value": null}), "/a/value", "null is no value"),
        (json!({"value": {"x": [1, null]}}), "/a/value/x/1", "null is no value"),
        (json!({"value": "urn:ngsi-ld:null"}), "/a/value", "deletes"),
        (json!("urn:ngsi-ld:null"), "/a", "deletes"),
        (json!({"value": {"x": "urn:ngsi-ld:null"}}), "/a/value/x", "deletes"),
        (json!({"object": "urn:ngsi-ld:null"}), "/a/object", "deletes"),
        (json!({"languageMap": {"@none": "urn:ngsi-ld:null"}}), "/a/languageMap/@none", "texts"),
        (json!({"type": "Peoperty", "value": 1}), "/a/type", "no kind of attribute"),
        (json!({"type": "PostalAddress", "street": "x"}), "/a/type", "no kind of attribute"),
        (json!({"type": 7, "value": 1}), "/a/type", "a number"),
        (json!({"type": "Relationship", "value": "urn:a:b"}), "/a/value", "its content is `object`"),
        (json!({"type": "Property", "object": "urn:a:b"}), "/a/object", "its content is `value`"),
        (json!({"value": 1, "object": "urn:a:b"}), "/a", "both `value` and `object`"),
        (json!({"object": "no uri"}), "/a/object", "no URI"),
        (json!({"object": []}), "/a/object", "at least one"),
        (json!({"object": ["urn:a:b", 1]}), "/a/object/1", "a URI is needed"),
        (json!({"value": 1, "observedAt": "2026-11-20"}), "/a/observedAt", "DateTime"),
        (json!({"value": 1, "observedAt": "2026-11-20T01:00:00+08:00"}), "/a/observedAt", "DateTime"),
        (json!({"value": 1, "observedAt": 5}), "/a/observedAt", "is a text"),
        (json!({"value": 1, "unitCode": 5}), "/a/unitCode", "is a text"),
        (json!({"value": 1, "unitCode": ""}), "/a/unitCode", "UN/CEFACT"),
        (json!({"object": "urn:a:b", "unitCode": "CEL"}), "/a/unitCode", "only a Property"),
        (json!({"value": 1, "objectType": "T"}), "/a/objectType", "only a Relationship"),
        (json!({"object": "urn:a:b", "valueType": "T"}), "/a/valueType", "only a Property"),
        (json!({"value": 1, "datasetId": "x"}), "/a/datasetId", "no URI"),
        (json!({"value": 1, "@context": {}}), "/a/@context", "top of the document"),
        (json!({"value": {"@context": {}}}), "/a/value/@context", "`@context`"),
        (json!({"value": 1, "b-c": 1}), "/a/b-c", "cannot name"),
        (json!({"value": 1, "b": {"type": "Property"}}), "/a/b", "no `value`"),
        (json!([{"value": 1}, {"value": 2}]), "/a/1", "two instances without"),
        (
            json!([{"value": 1, "datasetId": "urn:d:1"}, {"value": 2, "datasetId": "urn:d:1"}]),
            "/a/1",
            "two instances",
        ),
        (json!({"languageMap": "x"}), "/a/languageMap", "object such as"),
        (json!({"languageMap": {"e n": "x"}}), "/a/languageMap/e n", "language tag"),
        (json!({"languageMap": {"en": 1}}), "/a/languageMap/en", "texts"),
        (json!({"vocab": 1}), "/a/vocab", "term"),
        (json!({"valueList": 1}), "/a/valueList", "an array"),
        (json!({"objectList": ["x y"]}), "/a/objectList/0", "no URI"),
        (json!({"type": "GeoProperty", "value": "here"}), "/a/value", "GeoJSON"),
        (
            json!({"type": "GeoProperty", "value": {"type": "Point", "coordinates": [23.1, 113.3]}}),
            "/a/value/coordinates",
            "longitude first",
        ),
        (json!({"observedAt": "2026-11-20T01:00:00Z"}), "/a", "no `value`"),
    ] {
        let error = of(attribute.clone()).expect_err("refused");
        assert_eq!(error.pointer.as_deref(), Some(pointer), "{attribute}: {error}");
        assert!(error.detail.contains(says), "{attribute}: {error}");
        assert!(error.type_uri().ends_with("BadRequestData"));
    }
}

#[test]
fn bad_entities_are_refused_with_their_place() {
    for (json, pointer, says) in [
        (json!([]), "", "a JSON object"),
        (json!({"type": "T"}), "/id", "needs an `id`"),
        (json!({"id": "no uri", "type": "T"}), "/id", "absolute URI"),
        (json!({"id": 1, "type": "T"}), "/id", "a URI"),
        (json!({"id": "urn:ngsi-ld:null", "type": "T"}), "/id", "urn:ngsi-ld:null"),
        (json!({"id": "urn:x:1"}), "/type", "needs a `type`"),
        (json!({"id": "urn:x:1", "type": []}), "/type", "at least one"),
        (json!({"id": "urn:x:1", "type": ["T", 1]}), "/type/1", "a number"),
        (json!({"id": "urn:x:1", "type": "a b"}), "/type", "cannot name a type"),
        (json!({"id": "urn:x:1", "type": "urn:ngsi-ld:null"}), "/type", "never removed"),
        (json!({"id": "urn:x:1", "type": "T", "scope": 1}), "/scope", "a scope"),
        (json!({"id": "urn:x:1", "type": "T", "scope": ["/a", "/a b"]}), "/scope/1", "no scope"),
        (json!({"id": "urn:x:1", "type": "T", "expiresAt": "soon"}), "/expiresAt", "DateTime"),
        (json!({"id": "urn:x:1", "type": "T", "a.b": 1}), "/a.b", "cannot name an attribute"),
        (
            json!({"id": "urn:x:1", "type": "T", "observedAt": "2026-11-20T01:00:00Z"}),
            "/observedAt",
            "is a member of",
        ),
        (json!({"id": "urn:x:1", "type": "T", "location": "here"}), "/location", "GeoProperty"),
        (
            json!({"id": "urn:x:1", "type": "T", "a": 1, "ngsi-ld:default-context/a": 2}),
            "/ngsi-ld:default-context~1a",
            "another name",
        ),
    ] {
        let error = create(&json).expect_err("refused");
        assert_eq!(error.pointer.as_deref(), Some(pointer), "{json}: {error}");
        assert!(error.detail.contains(says), "{json}: {error}");
    }
}

#[test]
fn fragments_take_the_id_of_the_request() {
    let id = EntityId::new("urn:x:1").expect("valid");
    let draft = parse_fragment(&json!({"a": 1}), &core(), Some(&id), Mode::Append).expect("valid");
    assert_eq!((draft.id, draft.types.len(), draft.scopes), (id.clone(), 0, None));
    let other = parse_fragment(&json!({"id": "urn:x:2", "a": 1}), &core(), Some(&id), Mode::Append);
    assert_eq!(other.expect_err("differs").pointer.as_deref(), Some("/id"));
}

#[test]
fn updates_state_attributes_whole_or_take_them_away() {
    let id = EntityId::new("urn:x:1").expect("valid");
    let body = json!({
        "type": "T", "scope": "urn:ngsi-ld:null", "expiresAt": "urn:ngsi-ld:null",
        "a": {"value": 1, "sub": "urn:ngsi-ld:null"}, "b": "urn:ngsi-ld:null",
        "c": {"type": "LanguageProperty", "languageMap": {"@none": "urn:ngsi-ld:null"}},
        "d": [{"object": "urn:ngsi-ld:null", "datasetId": "urn:d:1"}, {"object": "urn:a:b"}],
        "e": {"type": "ListProperty", "valueList": ["urn:ngsi-ld:null"]}
    });
    let Command::UpdateAttributes { scopes, expires_at, attributes, .. } =
        parse_update(&body, &core(), Some(&id)).expect("valid")
    else {
        panic!("another command");
    };
    assert_eq!((scopes, expires_at), (Some(vec![]), Some(None)));
    let gone = || vec![AttributeWrite::Delete { dataset_id: None }];
    assert_eq!(attributes[0], (iri("a"), vec![AttributeWrite::Set(Attribute::property(1))]));
    assert_eq!((&attributes[1].1, &attributes[2].1, &attributes[4].1), (&gone(), &gone(), &gone()));
    assert_eq!(attributes[3].1[0], AttributeWrite::Delete { dataset_id: Some(uri("urn:d:1")) });
    let nested = parse_update(&json!({"a": {"value": {"x": "urn:ngsi-ld:null"}}}), &core(), Some(&id));
    assert_eq!(nested.expect_err("merge only").pointer.as_deref(), Some("/a/value/x"));
}

#[test]
fn partial_attributes() {
    let partial = |json: Json| parse_partial("a", &json, &core());
    let change = |json: Json| match partial(json).expect("valid") {
        AttributePatch::Merge(members) => members,
        AttributePatch::Delete { .. } => panic!("deleted"),
    };
    let unit = change(json!({"type": "Property", "unitCode": "CEL", "@context": "https://example.org/c"}));
    assert_eq!((unit.content.is_none(), unit.unit_code.as_deref()), (true, Some("CEL")));
    let gone = change(
        json!({"observedAt": "urn:ngsi-ld:null", "sub": "urn:ngsi-ld:null", "unitCode": "urn:ngsi-ld:null"}),
    );
    assert_eq!(gone.removed_members, ["observedAt".into(), "unitCode".into()]);
    assert_eq!(gone.attributes, [(iri("sub"), vec![AttributePatch::Delete { dataset_id: None }])]);
    let sub = change(json!({"sub": {"type": "Property", "value": 1}}));
    assert_eq!((sub.content, sub.attributes.len()), (None, 1));
    let delete =
        partial(json!({"type": "Relationship", "object": "urn:ngsi-ld:null", "datasetId": "urn:d:1"}));
    assert_eq!(delete, Ok(AttributePatch::Delete { dataset_id: Some(uri("urn:d:1")) }));
    for bad in [
        json!(1),
        json!({}),
        json!({"sub": {"observedAt": "2026-11-20T01:00:00Z"}}),
        json!({"datasetId": "urn:ngsi-ld:null"}),
    ] {
        assert!(partial(bad.clone()).is_err(), "{bad}");
    }
    assert!(parse_partial("scope b", &json!({"value": 1}), &core()).is_err());
}

#[test]
fn merges_go_to_any_depth() {
    let body = json!({
        "id": "urn:x:1", "type": "T", "a": {"value": {"x": "urn:ngsi-ld:null", "y": 1}}, "b": {"observedAt": "urn:ngsi-ld:null"},
        "c": {"sub": {"type": "Property", "observedAt": "2026-11-20T01:00:00Z"}}, "d": 5,
        "says": {"languageMap": {"fr": "urn:ngsi-ld:null"}}
    });
    let options = MergeOptions { observed_at: at("2026-01-01T00:00:00Z"), ..MergeOptions::default() };
    let Command::MergeEntity { attributes, observed_at, .. } =
        parse_merge(&body, &core(), None, options).expect("valid")
    else {
        panic!("another command");
    };
    assert_eq!(observed_at, options.observed_at);
    let members = |i: usize| match &attributes[i].1[0] {
        AttributePatch::Merge(members) => members.clone(),
        AttributePatch::Delete { .. } => panic!("deleted"),
    };
    assert!(matches!(members(0).content, Some(Content::Property(Value::Map(m))) if m.len() == 2));
    assert_eq!(members(1).removed_members, ["observedAt".into()]);
    let AttributePatch::Merge(PartialAttribute { content: None, observed_at: Some(_), .. }) =
        members(2).attributes[0].1[0]
    else {
        panic!("a sub-attribute is merged");
    };
    assert!(members(3).kind_guessed && !members(0).kind_guessed);
    assert!(matches!(members(4).content, Some(Content::Language(_))));
}

struct Nowhere;

impl ContextSource for Nowhere {
    fn get(&self, _: &str) -> Option<std::sync::Arc<Json>> {
        None
    }
}

#[test]
fn simplified_values_stand_bare() {
    let context = json!({"isIn": {"@id": "https://example.org/isIn", "@type": "@id"}});
    let Ok(Resolution::Ready(context)) = resolve(&context, &Nowhere) else { panic!("resolves") };
    let body = json!({
        "id": "urn:x:1", "address": {"type": "PostalAddress", "value": "x"}, "isIn": "urn:a:b", "n": [1, 2],
        "says": {"languageMap": {"en": "yes"}}, "where": {"type": "Point", "coordinates": [1, 2]},
        "name": {"dataset": {"@none": "a", "urn:d:1": "b"}}
    });
    let options = MergeOptions { simplified: true, ..MergeOptions::default() };
    let Command::MergeEntity { attributes, .. } = parse_merge(&body, &context, None, options).expect("valid")
    else {
        panic!("another command");
    };
    let kinds: Vec<_> = attributes
        .iter()
        .map(|(_, patches)| match &patches[0] {
            AttributePatch::Merge(members) => members.content.as_ref().map(Content::kind),
            AttributePatch::Delete { .. } => None,
        })
        .collect();
    use AttributeKind as K;
    let expected =
        [K::Property, K::Relationship, K::Property, K::LanguageProperty, K::GeoProperty, K::Property];
    assert_eq!(kinds, expected.map(Some));
    assert_eq!(attributes[5].1.len(), 2);
}

#[test]
fn temporal_entities_have_many_instances() {
    let body = json!({
        "id": "urn:x:1", "type": "T", "scope": [{"type": "Property", "value": "/a"}, {"type": "Property", "value": ["/b", "/c"]}],
        "a": [
            {"type": "Property", "value": 1, "observedAt": "2026-11-20T01:00:00Z"},
            {"type": "Property", "value": 2, "observedAt": "2026-11-20T02:00:00Z"}
        ],
        "b": {"value": 1, "observedAt": "2026-11-20T01:00:00Z"}
    });
    let draft = parse_temporal_entity(&body, &core()).expect("valid");
    assert_eq!((draft.attributes[0].1.len(), draft.attributes[1].1.len()), (2, 1));
    assert_eq!(draft.scopes.map(|s| s.len()), Some(2));
    for bad in [
        json!({"id": "urn:x:1", "a": []}),
        json!({"id": "urn:x:1", "type": "T", "a": []}),
        json!({"type": "T"}),
    ] {
        assert!(parse_temporal_entity(&bad, &core()).is_err(), "{bad}");
    }
    let id = EntityId::new("urn:x:1").expect("valid");
    assert!(parse_temporal_fragment(&json!({"a": [{"value": 1}]}), &core(), &id).is_ok());
    let one = json!({"value": 2, "observedAt": "2026-11-20T01:00:00Z"});
    let bare = parse_instance("a", &one, &core()).expect("valid");
    for same in [json!({"a": [one]}), json!({"a": one}), json!({"ngsi-ld:default-context/a": [one]})] {
        assert_eq!(parse_instance("a", &same, &core()).as_ref(), Ok(&bare), "{same}");
    }
    assert!(parse_instance("a", &json!({"a": [one, one]}), &core()).is_err());
}
